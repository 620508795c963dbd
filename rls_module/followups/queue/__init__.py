"""The queue of mails: claim, decide, send, finish, sweep. The table is the truth; a worker only borrows rows.

A claim is a compare-and-set with a lease and a fencing token, committed before any mail server is spoken to. What may
still go is decided from the live state, after the claim. Before the final dot the row is marked; a worker that is dead,
frozen or late therefore leaves a row whose fate is either known or honestly `uncertain`.
"""

from __future__ import annotations

from rls_module.followups.queue.claiming import claim
from rls_module.followups.queue.deciding import Drop, Send, decide
from rls_module.followups.queue.finishing import MOST_ATTEMPTS, Paused, finish
from rls_module.followups.queue.recovery import sweep
from rls_module.followups.queue.sending import LeaseLost, deliver

__all__ = [
    "MOST_ATTEMPTS",
    "Drop",
    "LeaseLost",
    "Paused",
    "Send",
    "claim",
    "decide",
    "deliver",
    "finish",
    "sweep",
]
