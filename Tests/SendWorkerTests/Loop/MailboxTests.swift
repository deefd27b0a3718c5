import Testing

@testable import SendWorker

@Suite struct MailboxTests {
    @Test func theReaderIsWokenOnceForAllThatGathers() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.put(1))
        #expect(!mailbox.put(2))
        #expect(mailbox.takeAll() == [1, 2])
        // Still awake: it has to look once more before it rests.
        #expect(!mailbox.put(3))
        #expect(mailbox.takeAll() == [3])
        #expect(mailbox.takeAll().isEmpty)
        #expect(mailbox.put(4))
    }

    @Test(.timeLimit(.minutes(1)))
    func nothingIsLostWhenManyWriteAtOnce() async {
        let mailbox = Mailbox<Int>()
        await withTaskGroup(of: Void.self) { tasks in
            for writer in 0..<8 {
                tasks.addTask { for number in 0..<1_000 { _ = mailbox.put(writer * 1_000 + number) } }
            }
        }
        #expect(Set(mailbox.takeAll()).count == 8_000)
    }
}
