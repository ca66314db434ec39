"""Addresses of the open internet, which is a server of the tests."""

from __future__ import annotations

OPEN = "93.184.216.34"
CLOSED = "93.184.216.35"
PUBLIC = (OPEN, CLOSED)
"""The open internet of these tests: at the first one the hostile server answers, at the second one nobody."""

ZONE: dict[str, list[list[str]]] = {
    "public.test": [[OPEN]],
    "example.com": [[OPEN]],
    "xn--bcher-kva.test": [[OPEN]],
    "alias-of-public.test": [[f"{OPEN} via public.test"]],
    "half-closed.test": [[CLOSED, OPEN]],
    "closed.test": [[CLOSED]],
    "rebinding.test": [[OPEN], ["127.0.0.1"]],
    "rebinding-metadata.test": [[OPEN], ["169.254.169.254"]],
    "rebinding-half.test": [[OPEN], [OPEN, "10.0.0.1"]],
    "no-address.test": [[]],
}
"""The name server's answers for names of the open internet, some of them only at the first request."""

GOOD: dict[str, str] = {
    "a portrait": "http://public.test/good.png",
    "its port named": "http://public.test:80/good.png",
    "a literal address": f"http://{OPEN}/good.png",
    "a name in capitals": "http://PUBLIC.Test/good.png",
    "a name with its last dot": "http://public.test./good.png",
    "a name behind another": "http://alias-of-public.test/good.png",
    "a name in another script": "http://bücher.test/good.png",
    "a query and a fragment": "http://public.test/good.png?size=256&at=%40#top",
    "the first of two addresses is closed": "http://half-closed.test/good.png",
    "three hops": "http://public.test/chain/2",
}
"""Ordinary addresses of the open internet: no guard may be in their way."""

BAD: dict[str, str] = {
    "nobody listens": "http://closed.test/good.png",
    "no such name": "http://nowhere.test/good.png",
    "a name without an address": "http://no-address.test/good.png",
    "silence where TLS is due": "https://public.test/good.png",
    "no answer": "http://public.test/nothing-there",
    "a portrait on another port": "http://public.test:8080/good.png",
    "a portrait on port 22": "http://public.test:22/good.png",
    "a portrait for a user": "http://guest@public.test/good.png",
    "four hops": "http://public.test/chain/3",
    "a name server that is silent": "http://silent.test/good.png",
}
"""Addresses of the open internet under which nothing is to be had."""

WAYS_HOME: dict[str, str] = {
    "redirect to a path": "/good.png",
    "redirect to a relative path": "../good.png",
    "redirect without a scheme to itself": "//public.test/good.png",
    "redirect to another name of its": "http://alias-of-public.test/good.png",
    "redirect to a literal public address": f"http://{OPEN}/good.png",
    "redirect to the trusted server": "http://{server}/good.png",
}
"""Targets of a public server's redirects that are allowed."""
