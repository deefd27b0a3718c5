import Testing

@testable import CommandLineParser

@Suite struct SuggestionTests {
    private static let commands = ["run", "demo", "simulator", "publish", "results", "dead-letters", "resume"]

    @Test(arguments: [
        ("reuslts", "results"), ("result", "results"), ("publsh", "publish"), ("deadletters", "dead-letters"),
        ("RUN", "run"), ("dead", "dead-letters"),
    ])
    func findsTheNameThatWasMeant(_ word: String, _ name: String) {
        #expect(Suggestion.nearest(to: word, among: Self.commands) == name)
    }

    @Test func findsOptionsByTheirLetters() {
        let options = ["--set", "--config", "--index", "--help", "--version"]
        #expect(Suggestion.nearest(to: "--hlp", among: options) == "--help")
        #expect(Suggestion.nearest(to: "--indx", among: options) == "--index")
        #expect(Suggestion.nearest(to: "-config", among: options) == "--config")
    }

    @Test(arguments: ["x", "--x", "", "--", "frobnicate", "pizza", "re", "r"])
    func findsNothingWhereNothingIsNear(_ word: String) {
        #expect(Suggestion.nearest(to: word, among: Self.commands + ["--set", "--help"]) == nil)
    }

    @Test(arguments: commands)
    func neverNamesTheWordItself(_ word: String) {
        #expect(Suggestion.nearest(to: word, among: [word]) == nil)
    }

    @Test func countsSwappedNeighboursOnce() {
        #expect(Suggestion.distance(from: Array("ab"), to: Array("ba")) == 1)
        #expect(Suggestion.distance(from: Array("reuslts"), to: Array("results")) == 1)
        #expect(Suggestion.distance(from: Array("kitten"), to: Array("sitting")) == 3)
        #expect(Suggestion.distance(from: [], to: Array("abc")) == 3)
    }
}
