/// How the worker calls itself where programs tell each other who they are.
package enum WorkerVersion {
    package static let name = "instagram-send-worker"
    package static let current = "0.1.0"
}
