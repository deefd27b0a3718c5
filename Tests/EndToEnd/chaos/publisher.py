"""Publishes at a bounded rate."""

import threading
import time

from kafka import KafkaProducer

TICK_SECONDS = 0.1


class Publisher:
    """Publishes what the traffic makes, so many a second, until it is ended; remembers where each record went."""

    def __init__(self, broker, topic, traffic, rate):
        self.asked = []
        self.failure = None
        self._broker = broker
        self._topic = topic
        self._traffic = traffic
        self._rate = rate
        self._may_run = threading.Event()
        self._idle = threading.Event()
        self._ended = threading.Event()
        self._may_run.set()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    def start(self):
        self._thread.start()
        return self

    def pause(self):
        """Returns once everything is acknowledged and nothing more comes."""
        self._may_run.clear()
        self._idle.wait(60)

    def resume(self):
        self._idle.clear()
        self._may_run.set()

    def end(self):
        """Returns once everything is acknowledged."""
        self._ended.set()
        self._may_run.set()
        self._thread.join(90)
        if self.failure:
            raise self.failure

    def _run(self):
        producer = self._producer()
        waiting = []
        owed = 0.0
        try:
            while not self._ended.is_set():
                if not self._may_run.is_set():
                    waiting = self._settle(producer, waiting)
                    self._idle.set()
                    self._may_run.wait(1)
                    continue
                owed += self._rate * TICK_SECONDS
                waiting += [self._send(producer) for _ in range(int(owed))]
                owed -= int(owed)
                waiting = self._take(waiting)
                self._ended.wait(TICK_SECONDS)
            self._settle(producer, waiting)
        except Exception as failure:  # Told to whoever ends the publisher.
            self.failure = failure
        finally:
            self._idle.set()
            producer.close(10)

    def _producer(self):
        # What is published twice would be asked twice: no retries but those that the broker tells from the first.
        retries = {"enable_idempotence": True} if self._broker.is_kafka else {"enable_idempotence": False, "retries": 0}
        return KafkaProducer(bootstrap_servers=self._broker.bootstrap, acks="all", linger_ms=5, **retries)

    def _send(self, producer):
        asked = self._traffic.next()
        asked.published = time.monotonic()
        return asked, producer.send(self._topic, key=asked.key, value=asked.value, timestamp_ms=int(time.time() * 1000))

    def _settle(self, producer, waiting):
        producer.flush(60)
        return self._take(waiting, timeout=60)

    def _take(self, waiting, timeout=None):
        left = []
        for asked, future in waiting:
            if timeout is None and not future.is_done:
                left.append((asked, future))
                continue
            metadata = future.get(timeout or 0)
            asked.partition, asked.offset = metadata.partition, metadata.offset
            self.asked.append(asked)
        return left
