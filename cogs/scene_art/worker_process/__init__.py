"""The worker processes: for everything that is heavy or untrusted."""

from .workers import WorkerProcesses

__all__ = ["WorkerProcesses"]
