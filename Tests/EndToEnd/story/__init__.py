"""A day on call, told with real commands: `make story`. Every step is asserted, so that the story is a test as well."""
