import Reactor
import Testing

@testable import HTTP

@Suite("Addresses of a name") struct AddressBookTests {
    private static let second: Int64 = 1_000_000_000

    private func addresses(_ hosts: String...) -> [SocketAddress] {
        hosts.compactMap { SocketAddress(ipAddress: $0, port: 80) }
    }

    private let trouble = ResolveError(kind: .temporary, words: "")
    private let absence = ResolveError(kind: .notFound, words: "")

    @Test func areAskedForOnceWhileNothingIsKnown() {
        var book = AddressBook()
        #expect(book.addresses(now: 0) == (.wait, ask: true))
        #expect(book.addresses(now: 0) == (.wait, ask: false))
        #expect(book.answered(.success(addresses("1.1.1.1")), now: 0) == .success(addresses("1.1.1.1")))
        #expect(book.addresses(now: 0) == (.use(addresses("1.1.1.1")), ask: false))
    }

    @Test func areAskedForAgainByTimeAndServeOnMeanwhile() {
        var book = AddressBook()
        _ = book.addresses(now: 0)
        _ = book.answered(.success(addresses("1.1.1.1")), now: 0)
        #expect(book.addresses(now: 30 * Self.second - 1) == (.use(addresses("1.1.1.1")), ask: false))
        #expect(book.addresses(now: 30 * Self.second) == (.use(addresses("1.1.1.1")), ask: true))
        #expect(book.addresses(now: 31 * Self.second) == (.use(addresses("1.1.1.1")), ask: false))
        _ = book.answered(.success(addresses("2.2.2.2")), now: 32 * Self.second)
        #expect(book.addresses(now: 33 * Self.second) == (.use(addresses("2.2.2.2")), ask: false))
    }

    @Test func areAskedForAgainAfterAFailedConnect() {
        var book = AddressBook()
        _ = book.addresses(now: 0)
        _ = book.answered(.success(addresses("1.1.1.1")), now: 0)
        book.connectFailed()
        #expect(book.addresses(now: 1) == (.wait, ask: true))
        #expect(book.answered(.success(addresses("2.2.2.2")), now: 2) == .success(addresses("2.2.2.2")))
        #expect(book.addresses(now: 3) == (.use(addresses("2.2.2.2")), ask: false))
    }

    @Test func surviveTheResolversTroubleButNotTheEndOfTheName() {
        var book = AddressBook()
        _ = book.addresses(now: 0)
        #expect(book.answered(.failure(trouble), now: 0) == .failure(trouble))
        #expect(book.addresses(now: 1) == (.wait, ask: true), "a failure is not kept")
        _ = book.answered(.success(addresses("1.1.1.1")), now: 1)
        book.connectFailed()
        _ = book.addresses(now: 2)
        #expect(book.answered(.failure(trouble), now: 2) == .success(addresses("1.1.1.1")))
        _ = book.addresses(now: 3)
        #expect(book.answered(.failure(absence), now: 3) == .failure(absence))
        #expect(book.addresses(now: 4) == (.wait, ask: true))
    }

    @Test func alternateBetweenTheFamiliesInRandomOrder() {
        let all = addresses("::1", "::2", "1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4")
        var firsts: Set<String> = []
        var random = SplitMix64(seed: 1)
        for _ in 0..<100 {
            let ordered = AddressBook.order(all, using: &random)
            #expect(ordered.map(\.family) == [.v6, .v4, .v6, .v4, .v4, .v4])
            #expect(Set(ordered) == Set(all))
            firsts.formUnion(ordered.prefix(2).map(\.ipAddress))
        }
        #expect(firsts.count == 6)
        #expect(AddressBook.order([], using: &random) == [])
    }
}

private func == (
    left: (AddressBook.Action, ask: Bool),
    right: (AddressBook.Action, ask: Bool)
) -> Bool {
    left.0 == right.0 && left.ask == right.ask
}
