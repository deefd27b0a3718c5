import Foundation
import Synchronization
import Testing

@testable import KafkaClient

@Suite(.timeLimit(.minutes(1)))
struct ExecutorThreadTests {
    /// An actor that lives on a thread of its own and notes what it was told, and where.
    private actor Diary {
        let thread = ExecutorThread()
        var entries: [Int] = []
        var threads: Set<Int> = []

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        deinit { thread.stop() }

        func note(_ entry: Int) {
            entries.append(entry)
            threads.insert(currentThread)
        }
    }

    @Test func jobsRunOnOneThreadInTheOrderInWhichTheyCome() async throws {
        let diary = Diary()
        for entry in 0..<200 {
            Task(executorPreference: diary.thread) { await diary.note(entry) }
        }
        while await diary.entries.count < 200 { await Task.yield() }
        #expect(await diary.entries == Array(0..<200))
        #expect(await diary.threads.count == 1)
    }

    @Test func whatIsNobodysRunsOnTheThreadThatItsTaskPrefers() async {
        @concurrent func thread() async -> Int { currentThread }
        let diary = Diary()
        let task = Task(executorPreference: diary.thread) {
            await diary.note(0)
            return [currentThread, await thread(), currentThread]
        }
        let threads = await task.value
        #expect(await diary.threads == Set(threads))
    }

    @Test func anActorsThreadEndsWithIt() async throws {
        var diary: Diary? = Diary()
        weak let thread = diary?.thread
        await diary?.note(1)
        #expect(thread != nil)
        diary = nil
        while thread != nil { await Task.yield() }
    }

    @Test func whatCameBeforeTheStopIsRunAndSoIsWhatComesAfterIt() async throws {
        let thread = ExecutorThread()
        let gate = DispatchSemaphore(value: 0)
        let first = Task(executorPreference: thread) { block(on: gate) }
        let second = Task(executorPreference: thread) { 2 }
        thread.stop()
        gate.signal()
        await first.value
        #expect(await second.value == 2)
        for number in 3..<50 {
            let late = Task(executorPreference: thread) { number }
            #expect(await late.value == number)
        }
    }

    @Test func aThreadThatIsNotNeededIsNotThere() {
        weak var thread: ExecutorThread?
        do {
            let unused = ExecutorThread()
            thread = unused
            #expect(thread != nil)
        }
        #expect(thread == nil)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct CallThreadTests {
    private static let error = KafkaError(code: -1, name: "X", message: "x", operation: "call", isFatal: false)

    @Test func callsAreMadeOnOneThreadAndThrowTheirErrors() async throws {
        let calls = CallThread()
        let threads = Mutex<[Int]>([])
        for _ in 0..<20 {
            try await calls.make("call", within: .seconds(10)) {
                threads.withLock { $0.append(currentThread) }
                return nil
            }
        }
        await #expect(throws: Self.error) { try await calls.make("call", within: .seconds(10)) { Self.error } }
        #expect(threads.withLock { $0.count == 20 && Set($0).count == 1 })
        #expect(!calls.hasHangingCall)
        calls.stop()
    }

    @Test func aCallThatHangsIsGivenUpAndTheNextOneDoesNotWaitForIt() async throws {
        let calls = CallThread(grace: .milliseconds(1))
        let gate = DispatchSemaphore(value: 0)
        let threads = Mutex<[Int]>([])
        let error = await #expect(throws: KafkaError.self) {
            try await calls.make("hang", within: .milliseconds(1)) {
                threads.withLock { $0.append(currentThread) }
                block(on: gate)
                return nil
            }
        }
        #expect(error?.isTimeout == true && error?.operation == "hang")
        #expect(calls.hasHangingCall)
        try await calls.make("call", within: .seconds(10)) {
            threads.withLock { $0.append(currentThread) }
            return nil
        }
        while threads.withLock({ $0.count }) < 2 { await Task.yield() }
        #expect(threads.withLock { Set($0).count } == 2)
        gate.signal()
        calls.stop()
    }

    @Test func aProducerMakesItsTransactionalCallsOnOneThread() async throws {
        let broker = try EmbeddedBroker()
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker), transactionalID: "x")
        let threads = Mutex<Set<Int>>([])
        let note: @Sendable (OpaquePointer) -> OpaquePointer? = { _ in
            threads.withLock { _ = $0.insert(currentThread) }
            return nil
        }
        try await producer.initTransactions(timeout: .seconds(10))
        for _ in 0..<5 {
            try await producer.beginTransaction()
            try await producer.transactional("note", within: .seconds(10), note)
            try await producer.abortTransaction(timeout: .seconds(10))
            try await producer.transactional("note", within: .seconds(10), note)
        }
        #expect(threads.withLock { $0.count } == 1)
        #expect(await producer.close(timeout: .seconds(10)))
    }

    @Test func aProducerWithACallThatHangsIsClosedAllTheSame() async throws {
        let broker = try EmbeddedBroker()
        let producer = try KafkaProducer(configuration: KafkaConfiguration(broker), transactionalID: "x")
        try await producer.initTransactions(timeout: .seconds(10))
        let gate = DispatchSemaphore(value: 0)
        let error = await #expect(throws: KafkaError.self) {
            try await producer.transactional("hang", within: .zero) { _ in
                block(on: gate)
                return nil
            }
        }
        #expect(error?.isTimeout == true)
        #expect(await producer.close(timeout: .seconds(30)) == false, "what hangs is left behind")
        await #expect(throws: KafkaError.self) { try await producer.beginTransaction() }
        gate.signal()
    }
}

/// A number that no other thread has, not even one that comes after this one.
private var currentThread: Int {
    let marks = Thread.current.threadDictionary
    if let number = marks["number"] as? Int { return number }
    let number = nextThread.wrappingAdd(1, ordering: .relaxed).newValue
    marks["number"] = number
    return number
}

private let nextThread = Atomic(0)

/// Blocks a thread of the code under test.
private func block(on gate: DispatchSemaphore) { gate.wait() }
