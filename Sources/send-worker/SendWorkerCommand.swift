import ArgumentParser
@main struct SendWorkerCommand: ParsableCommand {}
