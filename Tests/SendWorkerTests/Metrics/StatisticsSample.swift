/// Statistics as librdkafka 2.0.2 writes them, shortened to what is read and some of what is not.
enum StatisticsSample {
    static let topic = "requests"

    static let json = """
        { "name": "rdkafka#consumer-2", "type": "consumer", "ts": 5016483227792, "msg_cnt": 2, "msg_size": 30, "brokers": {
          "localhost:9092/bootstrap": { "name": "localhost:9092/bootstrap", "nodeid": -1, "source": "configured",
            "state": "UP", "outbuf_cnt": 0, "waitresp_cnt": 1, "txerrs": 1, "rxerrs": 0, "req_timeouts": 2,
            "rtt": { "min": 1, "p99": 900, "cnt": 1 } },
          "localhost:9092/2": { "name": "localhost:9092/2", "nodeid": 2, "source": "configured", "state": "UP",
            "outbuf_cnt": 3, "waitresp_cnt": 4, "txerrs": 10, "rxerrs": 20, "req_timeouts": 30,
            "rtt": { "min": 1580, "max": 3389, "p99": 3389, "cnt": 40 } },
          "localhost:9093/3": { "name": "localhost:9093/3", "nodeid": 3, "source": "learned", "state": "DOWN",
            "outbuf_cnt": 0, "waitresp_cnt": 0, "txerrs": 0, "rxerrs": 0, "req_timeouts": 0,
            "rtt": { "min": 0, "max": 0, "p99": 0, "cnt": 0 } },
          "GroupCoordinator": { "name": "GroupCoordinator", "nodeid": 2, "source": "logical", "state": "UP",
            "outbuf_cnt": 0, "waitresp_cnt": 0, "txerrs": 0, "rxerrs": 0, "req_timeouts": 0,
            "rtt": { "min": 1, "p99": 5, "cnt": 2 } } },
        "topics": { "requests": { "topic": "requests", "age": 7014, "partitions": {
            "0": { "partition": 0, "broker": 2, "fetchq_cnt": 5, "fetchq_size": 500, "lo_offset": 10, "hi_offset": 110,
              "committed_offset": 30, "consumer_lag": 7, "desired": true },
            "1": { "partition": 1, "broker": 2, "fetchq_cnt": 0, "fetchq_size": 0, "lo_offset": -1001,
              "hi_offset": -1001, "committed_offset": -1001, "consumer_lag": -1, "desired": true },
            "-1": { "partition": -1, "broker": -1, "fetchq_cnt": 0, "fetchq_size": 0, "lo_offset": -1001,
              "hi_offset": -1001, "committed_offset": -1001, "consumer_lag": -1, "desired": false } } },
          "others": { "topic": "others", "partitions": { "0": { "partition": 0, "fetchq_cnt": 1, "fetchq_size": 9,
              "lo_offset": 0, "hi_offset": 1000, "consumer_lag": 1000 } } } },
        "cgrp": { "state": "up", "join_state": "steady" } }
        """
}
