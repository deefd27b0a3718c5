// swift-tools-version: 6.2

import PackageDescription

/// Every target of this package is compiled in the Swift 6 language mode with warnings as errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// What knows nothing of messages or Kafka. The system's libraries come by pkg-config.
let ground: [Target] = [
    .systemLibrary(
        name: "CRdKafka",
        path: "Sources/Ground/CRdKafka",
        pkgConfig: "rdkafka",
        providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]
    ),
    .systemLibrary(
        name: "COpenSSL",
        path: "Sources/Ground/COpenSSL",
        pkgConfig: "openssl",
        providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]
    ),
    .systemLibrary(
        name: "CZlib",
        path: "Sources/Ground/CZlib",
        pkgConfig: "zlib",
        providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
    ),
    .systemLibrary(
        name: "CYAML",
        path: "Sources/Ground/CYAML",
        pkgConfig: "yaml-0.1",
        providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]
    ),
    .systemLibrary(name: "CEpoll", path: "Sources/Ground/CEpoll"),
    .target(name: "Containers", path: "Sources/Ground/Containers", swiftSettings: strict),
    .target(
        name: "OpenSSL",
        dependencies: ["COpenSSL"],
        path: "Sources/Ground/OpenSSL",
        swiftSettings: strict
    ),
    .target(name: "YAML", dependencies: ["CYAML"], path: "Sources/Ground/YAML", swiftSettings: strict),
    .target(
        name: "Reactor",
        dependencies: ["CEpoll", "Containers"],
        path: "Sources/Ground/Reactor",
        swiftSettings: strict
    ),
    .target(name: "HTTPCodec", path: "Sources/Ground/HTTPCodec", swiftSettings: strict),
    .target(
        name: "HTTP",
        dependencies: ["CZlib", "Containers", "HTTPCodec", "OpenSSL", "Reactor"],
        path: "Sources/Ground/HTTP",
        swiftSettings: strict
    ),
    .target(
        name: "Telemetry",
        dependencies: ["HTTP", "HTTPCodec", "Reactor"],
        path: "Sources/Ground/Telemetry",
        swiftSettings: strict
    ),
    .target(name: "CommandLineParser", path: "Sources/Ground/CommandLineParser", swiftSettings: strict),
]

let groundTests: [Target] = [
    .testTarget(
        name: "ContainersTests",
        dependencies: ["Containers"],
        path: "Tests/Ground/ContainersTests",
        swiftSettings: strict
    ),
    .testTarget(
        name: "OpenSSLTests",
        dependencies: ["COpenSSL", "OpenSSL"],
        path: "Tests/Ground/OpenSSLTests",
        swiftSettings: strict
    ),
    .testTarget(name: "YAMLTests", dependencies: ["YAML"], path: "Tests/Ground/YAMLTests", swiftSettings: strict),
    .testTarget(
        name: "ReactorTests",
        dependencies: ["CAllocationCounter", "Containers", "Reactor"],
        path: "Tests/Ground/ReactorTests",
        swiftSettings: strict
    ),
    .testTarget(
        name: "HTTPCodecTests",
        dependencies: ["HTTPCodec"],
        path: "Tests/Ground/HTTPCodecTests",
        swiftSettings: strict
    ),
    .testTarget(
        name: "HTTPTests",
        dependencies: ["HTTP", "HTTPCodec", "OpenSSL", "Reactor"],
        path: "Tests/Ground/HTTPTests",
        swiftSettings: strict
    ),
    .testTarget(
        name: "TelemetryTests",
        dependencies: ["Reactor", "Telemetry"],
        path: "Tests/Ground/TelemetryTests",
        swiftSettings: strict
    ),
    .testTarget(
        name: "CommandLineParserTests",
        dependencies: ["CommandLineParser"],
        path: "Tests/Ground/CommandLineParserTests",
        swiftSettings: strict
    ),
]

let worker: [Target] = [
    .target(name: "KafkaClient", dependencies: ["CRdKafka"], swiftSettings: strict),
    .target(name: "InstagramMessaging", swiftSettings: strict),
    .target(name: "SendEngine", dependencies: ["Containers", "InstagramMessaging"], swiftSettings: strict),
    .target(
        name: "GraphSimulator",
        dependencies: ["HTTP", "HTTPCodec", "InstagramMessaging", "OpenSSL", "Reactor", "Telemetry"],
        swiftSettings: strict
    ),
    .target(
        name: "SendWorker",
        dependencies: [
            "CRdKafka", "HTTP", "HTTPCodec", "InstagramMessaging", "KafkaClient", "OpenSSL", "Reactor", "SendEngine",
            "Telemetry", "YAML",
        ],
        // Tests/Tools/embed-page makes Admin/Embedded of it.
        exclude: ["Admin/Page"],
        swiftSettings: strict
    ),
    .target(
        name: "OperatorTools",
        dependencies: [
            "HTTP", "HTTPCodec", "InstagramMessaging", "KafkaClient", "OpenSSL", "Reactor", "SendEngine", "SendWorker",
            "Telemetry",
        ],
        swiftSettings: strict
    ),
    .executableTarget(
        name: "send-worker",
        dependencies: [
            "CommandLineParser", "GraphSimulator", "InstagramMessaging", "KafkaClient", "OpenSSL", "OperatorTools",
            "Reactor", "SendEngine", "SendWorker", "Telemetry",
        ],
        swiftSettings: strict
    ),
]

let workerTests: [Target] = [
    .testTarget(name: "InstagramMessagingTests", dependencies: ["InstagramMessaging"], swiftSettings: strict),
    .testTarget(name: "SendEngineTests", dependencies: ["InstagramMessaging", "SendEngine"], swiftSettings: strict),
    .testTarget(name: "KafkaClientTests", dependencies: ["KafkaClient"], swiftSettings: strict),
    .testTarget(
        name: "GraphSimulatorTests",
        dependencies: ["GraphSimulator", "HTTP", "HTTPCodec", "InstagramMessaging", "Reactor", "Telemetry"],
        swiftSettings: strict
    ),
    .testTarget(
        name: "SendWorkerTests",
        dependencies: [
            "HTTP", "HTTPCodec", "InstagramMessaging", "KafkaClient", "OpenSSL", "Reactor", "SendEngine", "SendWorker",
            "Telemetry", "YAML",
        ],
        swiftSettings: strict
    ),
    .testTarget(
        name: "OperatorToolsTests",
        dependencies: [
            "InstagramMessaging", "KafkaClient", "OperatorTools", "Reactor", "SendWorker", "Telemetry",
        ],
        swiftSettings: strict
    ),
]

let simulation: [Target] = [
    .target(
        name: "ClusterSimulation",
        dependencies: ["Containers", "InstagramMessaging", "SendEngine"],
        path: "Tests/ClusterSimulation",
        swiftSettings: strict
    ),
    .executableTarget(
        name: "simulate",
        dependencies: ["ClusterSimulation", "CommandLineParser"],
        path: "Tests/Simulate",
        swiftSettings: strict
    ),
    .target(
        name: "HTTPTrial",
        dependencies: ["COpenSSL", "CZlib", "HTTP", "HTTPCodec", "OpenSSL", "Reactor"],
        path: "Tests/HTTPTrial/HTTPTrial",
        swiftSettings: strict
    ),
    .executableTarget(
        name: "http-trial",
        dependencies: ["CommandLineParser", "HTTPTrial"],
        path: "Tests/HTTPTrial/Command",
        swiftSettings: strict
    ),
    .target(name: "CAllocationCounter", path: "Tests/Benchmarks/CAllocationCounter"),
    .executableTarget(
        name: "benchmarks",
        dependencies: [
            "CAllocationCounter", "CommandLineParser", "HTTP", "InstagramMessaging", "OpenSSL", "Reactor", "SendEngine",
        ],
        path: "Tests/Benchmarks/Benchmarks",
        swiftSettings: strict
    ),
    .testTarget(
        name: "HTTPTrialTests",
        dependencies: ["HTTP", "HTTPCodec", "HTTPTrial"],
        path: "Tests/HTTPTrial/HTTPTrialTests",
        swiftSettings: strict
    ),
    .testTarget(name: "SimulationTests", dependencies: ["ClusterSimulation"], swiftSettings: strict),
]

let package = Package(
    name: "instagram-send-worker",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "InstagramMessaging", targets: ["InstagramMessaging"]),
        .executable(name: "send-worker", targets: ["send-worker"]),
    ],
    targets: ground + groundTests + worker + workerTests + simulation
)
