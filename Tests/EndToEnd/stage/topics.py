"""The topics of one test: publishing requests, reading results and dead letters."""

import json
import uuid

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from .waiting import wait_until


class Topics:
    """Topics and a consumer group that no other test uses."""

    def __init__(self, bootstrap):
        unique = uuid.uuid4().hex[:10]
        self.bootstrap = bootstrap
        self.group = f"group-{unique}"
        self.requests = f"requests-{unique}"
        self.results = f"results-{unique}"
        self.dead_letters = f"dead-letters-{unique}"
        self.state = f"state-{unique}"

    @property
    def settings(self):
        return {
            "kafka.groupId": self.group,
            "topics.requests": self.requests,
            "topics.results": self.results,
            "topics.deadLetters": self.dead_letters,
            "topics.state": self.state,
        }

    def publish(self, records, place=None, timestamp=None):
        """Publishes `(key, value, headers)`, all of it acknowledged when this returns; gives partition and offset of each.

        `place` gives a key's partition, where the client is not to choose it.
        """
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=5, max_request_size=2_000_000)
        try:
            futures = [
                producer.send(
                    self.requests,
                    key=key,
                    value=value,
                    headers=list(headers),
                    partition=place(key) if place else None,
                    timestamp_ms=timestamp,
                )
                for key, value, headers in records
            ]
            producer.flush(60)
            done = [future.get(60) for future in futures]
            return [(metadata.partition, metadata.offset) for metadata in done]
        finally:
            producer.close(10)

    def publish_requests(self, requests, **options):
        """Publishes request objects, each keyed by its account."""
        return self.publish([(r["account_id"].encode(), json.dumps(r).encode(), []) for r in requests], **options)

    def reader(self, topic):
        return TopicReader(self.bootstrap, topic)


class TopicReader:
    """Reads what is committed on a topic.

    noida-db names aborted transactions to a reader who is past them already, who then drops good records of the same
    producer. So whatever seems to be missing at the end is looked for once more from the beginning.
    """

    def __init__(self, bootstrap, topic):
        self.records = []
        self._bootstrap = bootstrap
        self._topic = topic
        self._consumer = None
        self._ends_of_last_reading = None
        self._begin()

    def _begin(self):
        """Starts over with a client that remembers nothing."""
        self.close()
        self.records = []
        self._consumer = KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=8_000_000,
            fetch_max_wait_ms=100,
        )
        numbers = wait_until(lambda: self._consumer.partitions_for_topic(self._topic), f"the broker tells of {self._topic}")
        self._partitions = [TopicPartition(self._topic, number) for number in sorted(numbers)]
        self._consumer.assign(self._partitions)
        for partition in self._partitions:
            self._consumer.seek(partition, 0)

    def poll(self, timeout_ms=200):
        """Takes what has come since the last time, or what comes first within the time."""
        for records in self._consumer.poll(timeout_ms=timeout_ms, max_records=5_000).values():
            self.records.extend(records)

    def take(self):
        """The records read so far, to be kept by the caller from now on."""
        taken, self.records = self.records, []
        return taken

    def wait_for(self, count, timeout=60, alive=()):
        """Reads until there are so many records."""

        def is_enough():
            before = len(self.records)
            self.poll()
            if before == len(self.records) < count:
                self._read_again_if_new(count)
            return len(self.records) >= count

        try:
            wait_until(is_enough, f"{count} records on {self._topic}", timeout, alive)
        except AssertionError as failure:
            ends = {partition.partition: end for partition, end in self._consumer.end_offsets(self._partitions).items()}
            raise AssertionError(f"{failure}; {len(self.records)} have come, the ends are {ends}") from None
        return self.records

    def read_to_end(self, timeout=30):
        """Everything on the topic, read anew from its beginning; to be called when nobody writes any more."""
        self._begin()
        ends = self._ends_of_last_reading = self._consumer.end_offsets(self._partitions)

        def is_at_end():
            self.poll()
            return self._is_at(ends)

        wait_until(is_at_end, f"{self._topic} is read to its end {ends}", timeout)
        return self.records

    def close(self):
        if self._consumer:
            self._consumer.close()

    def _read_again_if_new(self, count):
        ends = self._consumer.end_offsets(self._partitions)
        if sum(ends.values()) >= count and ends != self._ends_of_last_reading:
            self.read_to_end()

    def _is_at(self, ends):
        return all(self._consumer.position(partition) >= end for partition, end in ends.items())
