"""mq-bridge as people would set it up: each record of a topic is posted to a URL. Runs until it is ended.

    bridge.py BOOTSTRAP TOPIC GROUP URL IN_FLIGHT

Calls run side by side within a batch, which has 512 records, as the library has it by default: the next one begins when
the last call of this one has ended. Offsets are committed batch by batch, and results are written nowhere.
"""

import signal
import sys

from mq_bridge import Route, request_shutdown

PATH = "/v23.0/17841400000000000/messages"
HEADERS = {"Authorization": "Bearer IGAAtoken17841400000000000SECRET", "Content-Type": "application/json"}


def configuration(bootstrap, topic, group, url, in_flight):
    kafka = {
        "url": bootstrap,
        "topic": topic,
        "group_id": group,
        "consumer_options": [["auto.offset.reset", "earliest"]],
    }
    calls = {"url": url + PATH, "method": "POST", "batch_concurrency": in_flight, "custom_headers": HEADERS}
    return {"input": {"kafka": kafka}, "output": {"http": calls}}


def main():
    bootstrap, topic, group, url, in_flight = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: request_shutdown())
    Route.from_config(configuration(bootstrap, topic, group, url, int(in_flight))).run()


if __name__ == "__main__":
    main()
