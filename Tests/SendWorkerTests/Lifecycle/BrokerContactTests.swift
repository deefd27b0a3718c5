import Testing

@testable import SendWorker

@Suite("Contact to the brokers")
struct BrokerContactTests {
    @Test("there is none before the brokers have answered")
    func beginning() {
        let contact = BrokerContact()
        #expect(!contact.isUp)
        contact.noteReport(isUp: true)
        #expect(!contact.isUp)
        contact.noteQuestion(isAnswered: true)
        #expect(contact.isUp)
    }

    @Test("an unanswered question ends it, though nothing was reported, and the next answer brings it back")
    func silence() {
        let contact = BrokerContact()
        contact.noteQuestion(isAnswered: true)
        contact.noteQuestion(isAnswered: false)
        #expect(!contact.isUp)
        contact.noteQuestion(isAnswered: true)
        #expect(contact.isUp)
    }

    @Test("a reported loss ends it at once, and lasts until the return is reported")
    func report() {
        let contact = BrokerContact()
        contact.noteQuestion(isAnswered: true)
        contact.noteReport(isUp: false)
        #expect(!contact.isUp)
        contact.noteReport(isUp: true)
        #expect(contact.isUp)
    }

    @Test("a return that is reported too early does not count against an unanswered question")
    func earlyReturn() {
        let contact = BrokerContact()
        contact.noteReport(isUp: false)
        contact.noteQuestion(isAnswered: false)
        contact.noteReport(isUp: true)
        #expect(!contact.isUp)
    }
}
