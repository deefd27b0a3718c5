import Telemetry
import Testing

@testable import SendWorker

@Suite("Kafka statistics")
struct KafkaStatisticsTests {
    @Test("brokers are told from their other names, and errors are added up")
    func brokers() throws {
        let statistics = try #require(KafkaStatistics(json: StatisticsSample.json, topic: StatisticsSample.topic))
        #expect(
            statistics.brokers == [
                KafkaStatistics.Broker(id: 2, isUp: true, roundTrip: 0.003389),
                KafkaStatistics.Broker(id: 3, isUp: false, roundTrip: nil),
            ]
        )
        #expect(statistics.sendErrors == 11)
        #expect(statistics.receiveErrors == 20)
        #expect(statistics.timeouts == 32)
        #expect(statistics.waitingRequests == 8)
        #expect(statistics.queuedMessages == 8)
        #expect(statistics.queuedBytes == 539)
    }

    @Test("only the topic that is asked for has its partitions shown, and what is not known is nil")
    func logs() throws {
        let statistics = try #require(KafkaStatistics(json: StatisticsSample.json, topic: StatisticsSample.topic))
        #expect(
            statistics.logs == [
                0: KafkaStatistics.Log(start: 10, end: 110, lag: 7),
                1: KafkaStatistics.Log(start: nil, end: nil, lag: nil),
            ]
        )
    }

    @Test("the lag is what is not committed yet, of partitions that are ours and whose end is known")
    func lag() throws {
        let metrics = try WorkerMetrics()
        let lag = { (name: String, partition: String) in
            metrics.registry.value(of: "send_worker_partition_" + name, labels: [("partition", partition)])
        }
        metrics.setOutstanding([0: 0, 1: 0], committed: [:])
        metrics.show(statistics: StatisticsSample.json, of: .consumer, topic: StatisticsSample.topic)
        // Nothing is committed, so everything from the first record on waits.
        #expect(lag("lag", "0") == 100)
        #expect(lag("lag", "1") == nil)
        #expect(lag("fetch_lag", "0") == 7)
        metrics.setOutstanding([0: 0, 1: 0], committed: [0: 90])
        #expect(lag("lag", "0") == 20)
        metrics.setOutstanding([1: 0], committed: [:])
        #expect(lag("lag", "0") == nil)
        #expect(lag("fetch_lag", "0") == nil)
    }

    @Test("a producer's statistics do not touch the partitions, and errors count once however often they are told")
    func clients() throws {
        let metrics = try WorkerMetrics()
        metrics.setOutstanding([0: 0], committed: [:])
        for _ in 1...3 {
            metrics.show(statistics: StatisticsSample.json, of: .producer, topic: StatisticsSample.topic)
        }
        let value = { (name: String, labels: [(String, String)]) in
            metrics.registry.value(of: "send_worker_" + name, labels: labels)
        }
        #expect(value("partition_lag", [("partition", "0")]) == nil)
        #expect(value("kafka_errors_total", [("client", "producer"), ("kind", "timeout")]) == 32)
        #expect(value("kafka_errors_total", [("client", "consumer"), ("kind", "timeout")]) == 0)
        let broker = [("client", "producer"), ("broker", "2")]
        #expect(value("kafka_round_trip_p99_seconds", broker) == 0.003389)
        #expect(value("kafka_brokers_connected", [("client", "producer")]) == 1)
    }

    @Test("what cannot be read is counted and changes nothing", arguments: ["", "{}", "[1]", #"{"brokers": 1}"#, "{"])
    func unreadable(json: String) throws {
        let metrics = try WorkerMetrics()
        metrics.show(statistics: json, of: .consumer, topic: StatisticsSample.topic)
        #expect(metrics.registry.value(of: "send_worker_kafka_unread_statistics_total") == 1)
        #expect(metrics.registry.value(of: "send_worker_kafka_queued_messages", labels: [("client", "consumer")]) == 0)
    }
}
