"""Measures the whole path, Kafka in, calls to an endpoint on loopback, results out, beside the least it could cost."""
