/// How the worker calls itself where programs tell each other who they are.
package enum WorkerIdentity {
    package static let name = "instagram-send-worker"
    package static let version = "0.1.0"
}
