"""What the end-to-end tests play on: a broker, the endpoint's simulator, workers, and the topics between them."""
