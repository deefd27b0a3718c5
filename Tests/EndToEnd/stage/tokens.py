"""Access tokens that can be told apart from everything else in a log."""

import json
import os
import uuid


class TokenFile:
    """A file of tokens for the worker; every token ever written is remembered."""

    def __init__(self, path, accounts):
        self.path = path
        self.ever = []
        self._tokens = {}
        self.replace(*accounts)

    def replace(self, *accounts):
        """Gives these accounts new tokens, in one step as a careful administrator would."""
        os.replace(self.draft(*accounts), self.path)

    def draft(self, *accounts):
        """Writes a file with new tokens for these accounts beside the one that counts, which it is to replace; its path."""
        for account in accounts:
            token = f"IGSECRET{uuid.uuid4().hex}"
            self._tokens[account] = token
            self.ever.append(token)
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps(self._tokens))
        return draft

    def found_in(self, data):
        """Whether any token stands in these bytes."""
        return b"IGSECRET" in data or any(token.encode() in data for token in self.ever)
