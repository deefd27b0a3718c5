import Foundation
import Reactor
import Testing

/// Each test has a signal of its own, since the process has only one action for each.
@Suite(.timeLimit(.minutes(1))) struct SignalTests {
    @Test func tellsOfASecondSignalOfTheSameNumber() async throws {
        try await withReactor { reactor in
            let seen = Given<Int32>()
            let gate = Gate()
            let source = try SignalSource([SIGTERM], on: reactor) { seen.give($0) }
            // Both come before the reactor looks.
            reactor.execute { gate.wait() }
            raiseHere(SIGTERM)
            raiseHere(SIGTERM)
            gate.open()
            #expect(await seen.value == SIGTERM)
            #expect(await seen.value == SIGTERM)
            source.cancel()
        }
    }

    @Test func hearsWhatOthersSendToTheProcess() async throws {
        try await withReactor { reactor in
            let seen = Given<Int32>()
            let source = try SignalSource([SIGALRM], on: reactor) { seen.give($0) }
            kill(getpid(), SIGALRM)
            #expect(await seen.value == SIGALRM)
            source.cancel()
        }
    }

    @Test func losesNoSignalThatComesBeforeTheReactorLooks() async throws {
        try await withReactor { reactor in
            let seen = Given<Int32>()
            let gate = Gate()
            reactor.execute { gate.wait() }
            let source = try SignalSource([SIGUSR1, SIGUSR2], on: reactor) { seen.give($0) }
            raiseHere(SIGUSR1)
            raiseHere(SIGUSR2)
            gate.open()
            let both = [await seen.value, await seen.value]
            #expect(Set(both) == [SIGUSR1, SIGUSR2])
            source.cancel()
        }
    }

    @Test func countsEachSignalThatIsDelivered() async throws {
        try await withReactor { reactor in
            let seen = Given<Bool>()
            let source = try SignalSource([SIGWINCH], on: reactor) { _ in seen.give(reactor.isCurrent) }
            // It returns only after the handler has run.
            for _ in 0..<500 { raiseHere(SIGWINCH) }
            for _ in 0..<500 { #expect(await seen.value == true) }
            source.cancel()
        }
    }

    @Test func aSignalHasOneSourceAtATime() async throws {
        try await withReactor { reactor in
            let source = try SignalSource([SIGHUP], on: reactor) { _ in }
            let refused = #expect(throws: ReactorError.self) {
                _ = try SignalSource([SIGURG, SIGHUP], on: reactor) { _ in }
            }
            #expect(refused?.description.contains("signal 1, which another source handles") == true)
            source.cancel()
            // What was refused left nothing behind, and the next one starts without old signals.
            let seen = Given<Int32>()
            let next = try SignalSource([SIGURG, SIGHUP], on: reactor) { seen.give($0) }
            raiseHere(SIGHUP)
            #expect(await seen.value == SIGHUP)
            next.cancel()
        }
    }

    @Test func refusesWhatIsNoSignalOrCannotBeHandled() async throws {
        try await withReactor { reactor in
            for signal in [0, -1, 1_000, SIGKILL] {
                #expect(throws: ReactorError.self) { _ = try SignalSource([signal], on: reactor) { _ in } }
            }
        }
    }

    @Test func cancellingLetsTheNextSignalEndTheProcess() async throws {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            let reactor = try Reactor(name: "test")
            let seen = Given<Int32>()
            let source = try SignalSource([SIGTERM], on: reactor) { seen.give($0) }
            raiseHere(SIGTERM)
            _ = await seen.value
            source.cancel()
            source.cancel()
            raiseHere(SIGTERM)
        }
    }

    @Test func cancellingKeepsWhatTheProcessIgnored() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGINT, SIG_IGN)
            let reactor = try Reactor(name: "test")
            let seen = Given<Int32>()
            let source = try SignalSource([SIGINT], on: reactor) { seen.give($0) }
            raiseHere(SIGINT)
            _ = await seen.value
            source.cancel()
            raiseHere(SIGINT)
        }
    }

    @Test func aBrokenPipeIsAnErrorAndNoEnd() async throws {
        await #expect(processExitsWith: .exitCode(EPIPE)) {
            Signals.ignoreBrokenPipe()
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return }
            close(ends[0])
            var byte: UInt8 = 1
            if write(ends[1], &byte, 1) < 0 { exit(errno) }
        }
    }
}

/// Sends a signal to this thread and returns once its handler has run. Threads of the pool block all signals.
private func raiseHere(_ signal: Int32) {
    var one = sigset_t()
    var before = sigset_t()
    sigemptyset(&one)
    sigaddset(&one, signal)
    pthread_sigmask(SIG_UNBLOCK, &one, &before)
    raise(signal)
    pthread_sigmask(SIG_SETMASK, &before, nil)
}
