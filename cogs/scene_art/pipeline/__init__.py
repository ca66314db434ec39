"""One scene, from its inbox to its picture and its post."""
