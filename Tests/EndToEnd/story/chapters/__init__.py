"""The chapters, in order. Each takes the theatre, which it leaves as the next one needs it."""

from .ending import the_worker_is_restarted, the_balance
from .opening import the_stage_is_set, a_message_is_sent
from .redrive import what_was_mended_is_sent_again
from .tokens import a_token_expires, the_token_is_replaced
from .wrong import requests_are_refused

CHAPTERS = [
    ("Before the shift: topics, simulator, worker", the_stage_is_set),
    ("An ordinary request", a_message_is_sent),
    ("An account's token expires", a_token_expires),
    ("The token is replaced", the_token_is_replaced),
    ("Requests that cannot be sent", requests_are_refused),
    ("Causes are mended, requests published again", what_was_mended_is_sent_again),
    ("A restart in the middle of work", the_worker_is_restarted),
    ("The balance", the_balance),
]
