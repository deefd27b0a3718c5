"""The requests of the story's backends."""

import json

from stage.traffic import account_id

SHOP, SALON, BAKERY, HOTEL = (account_id(number) for number in range(1, 5))


def text(request_id, account, person, words):
    """A text to a person; its words are in no other request, so that the simulator's log tells them apart."""
    return {
        "request_id": request_id,
        "account_id": account,
        "recipient": {"id": person},
        "message": {"text": words},
    }


def compact(value):
    """JSON as a person types it into a command."""
    return json.dumps(value, separators=(",", ":"))
