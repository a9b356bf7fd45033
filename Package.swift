// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

extension Target.Dependency {
    static let asyncHTTPClient: Self = .product(
        name: "AsyncHTTPClient",
        package: "async-http-client"
    )
    static let argumentParser: Self = .product(
        name: "ArgumentParser",
        package: "swift-argument-parser"
    )
    static let hummingbird: Self = .product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore: Self = .product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting: Self = .product(
        name: "HummingbirdTesting",
        package: "hummingbird"
    )
    static let logging: Self = .product(name: "Logging", package: "swift-log")
    static let nioCore: Self = .product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded: Self = .product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHTTP1: Self = .product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix: Self = .product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL: Self = .product(name: "NIOSSL", package: "swift-nio-ssl")
    static let crypto: Self = .product(name: "Crypto", package: "swift-crypto")
    static let serviceLifecycle: Self = .product(
        name: "ServiceLifecycle",
        package: "swift-service-lifecycle"
    )
    static let subprocess: Self = .product(name: "Subprocess", package: "swift-subprocess")
    static let systemPackage: Self = .product(name: "SystemPackage", package: "swift-system")
    static let unixSignals: Self = .product(
        name: "UnixSignals",
        package: "swift-service-lifecycle"
    )
    static let yams: Self = .product(name: "Yams", package: "Yams")
}

/// A library or executable of ours, with the settings that every target shares.
func target(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    path: String? = nil
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func executable(
    _ name: String,
    _ dependencies: [Target.Dependency],
    path: String? = nil
) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        resources: resources,
        swiftSettings: settings
    )
}

let package = Package(
    name: "manatee",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "ManateeClient", targets: ["ManateeClient"]),
        .library(name: "ZooKeeperClient", targets: ["ZooKeeperClient"]),
        .executable(name: "manatee-sitter", targets: ["manatee-sitter"]),
        .executable(name: "manatee-guard", targets: ["manatee-guard"]),
        .executable(name: "manatee-snapshotter", targets: ["manatee-snapshotter"]),
        .executable(name: "manatee-backupserver", targets: ["manatee-backupserver"]),
        .executable(name: "manatee-adm", targets: ["manatee-adm"]),
        .executable(name: "manatee-dev", targets: ["manatee-dev"]),
        .executable(name: "manatee-primary-ip", targets: ["manatee-primary-ip"]),
        .executable(name: "manatee-proxy", targets: ["manatee-proxy"]),
        .executable(name: "manatee-sim", targets: ["manatee-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // Decisions: the standard library only.
        target("ManateeCore"),
        target("ManateeJournal", ["ManateeCore"]),
        target("ManateePorts", ["ManateeCore", "ManateeJournal"]),
        target("ManateeWire", ["ManateeCore", "ManateeJournal"]),
        target("ManateeConfiguration", ["ManateeCore", "ManateePorts", .yams]),

        // Adapters: each speaks to one thing outside.
        target("ZooKeeperClient", [.logging, .nioCore, .nioPosix, .nioSSL, .crypto]),
        target(
            "ManateeStore",
            [
                "ManateeCore", "ManateeJournal", "ManateePorts", "ManateeWire", "ZooKeeperClient",
                .logging, .nioSSL, .serviceLifecycle,
            ]
        ),
        // For applications, outside of this package too.
        target("ManateeClient", ["ManateeCore", "ManateeWire", "ZooKeeperClient", .logging]),
        .systemLibrary(
            name: "CLibPQ",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),
        .systemLibrary(name: "CLinux"),
        // Children and how they end, for those who start programs.
        target("ManateeProcesses", ["CLinux"]),
        // The watch over a sitter; a program of its own, so small that it matters to nobody.
        target("ManateeGuard", ["CLinux"]),
        target(
            "ManateePostgres",
            [
                "CLibPQ", "CLinux", "ManateeCore", "ManateeGuard", "ManateePorts",
                "ManateeProcesses", .logging, .subprocess, .systemPackage,
            ]
        ),
        target(
            "ManateeStorage",
            [
                "CLinux", "ManateePorts", "ManateeProcesses", .logging, .subprocess,
                .systemPackage,
            ]
        ),
        target(
            "ManateeHTTP",
            [
                "ManateeCore", "ManateeJournal", "ManateePorts", "ManateeWire", .hummingbird,
                .hummingbirdCore, .logging, .nioCore, .serviceLifecycle,
            ]
        ),
        target(
            "ManateeBackup",
            [
                "ManateeCore", "ManateePorts", "ManateeStorage", "ManateeWire", .asyncHTTPClient,
                .crypto, .hummingbird, .hummingbirdCore, .logging, .nioCore, .nioHTTP1,
                .serviceLifecycle,
            ]
        ),
        target(
            "ManateeHeartbeat",
            [
                "ManateeCore", "ManateePorts", "ManateeWire", .logging, .nioCore, .nioPosix,
                .serviceLifecycle,
            ]
        ),
        // Commands of operators.
        target("ManateeHooks", ["ManateeCore", "ManateePorts", "ManateeProcesses", "ManateeWire"]),
        target("ManateeLogging", [.logging]),

        // Shells: they carry out what the core decides, through the ports.
        target(
            "ManateeSitter",
            ["ManateeCore", "ManateeJournal", "ManateePorts", .logging, .serviceLifecycle]
        ),
        target(
            "ManateeAdmin",
            ["ManateeCore", "ManateeJournal", "ManateePorts", "ManateeWire", .argumentParser]
        ),
        // The proxy for applications: it is told the topology, and speaks to sockets itself.
        target(
            "ManateeProxy",
            [
                "ManateeCore", "ManateeWire", .logging, .nioCore, .nioHTTP1, .nioPosix,
                .serviceLifecycle,
            ]
        ),
        target("ManateeSnapshots", ["ManateeCore", "ManateePorts", .logging, .serviceLifecycle]),
        // Many whole peers on one thread, from a seed.
        target("ManateeSimulation", ["ManateeCore"]),
        target(
            "ManateeLocal",
            [
                "CLinux", "ManateeBackup", "ManateeCore", "ManateePostgres", "ManateeProcesses",
                "ManateeWire", "ZooKeeperClient", .logging, .subprocess, .systemPackage,
                .unixSignals,
            ]
        ),
        // What is measured, and against whom.
        target(
            "ManateeBench",
            [
                "ManateeCore", "ManateeLocal", "ManateePostgres", .subprocess, .systemPackage,
            ],
            path: "Benchmarks/ManateeBench"
        ),

        // What the programs do alike.
        target(
            "ManateeDaemon",
            ["ManateeConfiguration", "ManateeLogging", .argumentParser, .logging]
        ),

        // Programs: the only place where adapters meet shells.
        executable(
            "manatee-sitter",
            [
                "CLinux", "ManateeAdmin", "ManateeBackup", "ManateeConfiguration", "ManateeCore",
                "ManateeDaemon", "ManateeHTTP", "ManateeHeartbeat", "ManateeHooks",
                "ManateeJournal", "ManateePorts", "ManateePostgres", "ManateeSitter",
                "ManateeSnapshots", "ManateeStorage", "ManateeStore", "ZooKeeperClient",
                .argumentParser, .logging,
                .nioCore, .nioPosix, .serviceLifecycle, .unixSignals,
            ]
        ),
        executable("manatee-guard", ["ManateeGuard"]),
        executable(
            "manatee-snapshotter",
            [
                "ManateeConfiguration", "ManateeDaemon", "ManateePorts", "ManateeSnapshots",
                "ManateeStorage", .argumentParser, .asyncHTTPClient, .logging, .nioCore,
                .serviceLifecycle, .unixSignals,
            ]
        ),
        executable(
            "manatee-backupserver",
            [
                "ManateeBackup", "ManateeConfiguration", "ManateeDaemon", "ManateePorts",
                "ManateeStorage", .argumentParser, .logging, .serviceLifecycle, .unixSignals,
            ]
        ),
        executable(
            "manatee-adm",
            [
                "ManateeAdmin", "ManateeConfiguration", "ManateeCore", "ManateePorts",
                "ManateePostgres", "ManateeStorage", "ManateeStore", "ManateeWire",
                .asyncHTTPClient, .logging, .nioCore, .nioHTTP1, .unixSignals,
            ]
        ),
        executable(
            "manatee-dev",
            [
                "ManateeLocal", .argumentParser, .subprocess, .systemPackage, .unixSignals,
            ]
        ),

        executable(
            "manatee-primary-ip",
            [
                "ManateeClient", "ManateeConfiguration", "ManateeDaemon", "ZooKeeperClient",
                .argumentParser, .logging,
            ]
        ),
        executable(
            "manatee-proxy",
            [
                "ManateeClient", "ManateeConfiguration", "ManateeDaemon", "ManateeProxy",
                "ManateeStore", "ZooKeeperClient", .argumentParser, .logging, .nioCore, .nioPosix,
                .serviceLifecycle, .unixSignals,
            ]
        ),
        executable("manatee-sim", ["ManateeSimulation", .argumentParser]),
        executable(
            "manatee-bench",
            ["ManateeBench", "ManateeLocal", .argumentParser, .unixSignals],
            path: "Benchmarks/manatee-bench"
        ),

        // Tests, by depth.
        tests(
            "ManateeCoreTests",
            ["ManateeCore", "ManateeSimulation"],
            resources: [.copy("Explanations"), .copy("Transcripts")]
        ),
        tests(
            "SimulationTests",
            ["ManateeCore", "ManateeSimulation"],
            resources: [.copy("Regressions")]
        ),
        tests("TidyTests", []),
        tests(
            "ManateeWireTests",
            ["ManateeCore", "ManateeJournal", "ManateeWire"],
            resources: [.copy("Golden")]
        ),
        tests(
            "ManateeConfigurationTests",
            ["ManateeConfiguration", "ManateePorts"],
            resources: [.copy("Samples")]
        ),
        tests("ManateeLoggingTests", ["ManateeLogging", .logging]),
        tests(
            "ManateeHTTPTests",
            [
                "ManateeCore", "ManateeHTTP", "ManateeJournal", "ManateePorts",
                .hummingbirdTesting, .serviceLifecycle,
            ]
        ),
        tests(
            "ManateeAdminTests",
            [
                "ManateeAdmin", "ManateeConfiguration", "ManateeCore", "ManateeJournal",
                "ManateePorts", "ManateeWire",
            ],
            resources: [.copy("Transcripts")]
        ),
        tests("ManateeJournalTests", ["ManateeCore", "ManateeJournal"]),
        tests(
            "ManateeSitterTests",
            ["ManateeCore", "ManateeJournal", "ManateePorts", "ManateeSitter", .logging]
        ),
        tests(
            "ManateeHeartbeatTests",
            ["ManateeCore", "ManateeHeartbeat", "ManateePorts", .logging, .nioCore, .nioPosix]
        ),
        tests(
            "ManateeSnapshotsTests",
            ["ManateeCore", "ManateePorts", "ManateeSnapshots", .logging]
        ),
        tests("ManateeHooksTests", ["ManateeCore", "ManateeHooks", "ManateePorts"]),
        tests("SitterProgramTests", ["manatee-sitter"]),
        tests("ManateeProcessesTests", ["ManateeProcesses"]),
        tests("ManateeGuardTests", ["ManateeGuard"]),
        tests(
            "ManateeProxyTests",
            ["ManateeProxy", .logging, .nioCore, .nioPosix, .serviceLifecycle]
        ),
        tests("ManateeLocalTests", ["ManateeConfiguration", "ManateeCore", "ManateeLocal"]),
        tests("ManateeBenchTests", ["ManateeBench"]),
        tests(
            "ManateeStorageTests",
            ["ManateePorts", "ManateeStorage"],
            resources: [.copy("Captured")]
        ),
        tests(
            "StorageContractTests",
            [
                "CLinux", "ManateeBackup", "ManateeCore", "ManateePorts", "ManateePostgres",
                "ManateeSnapshots", "ManateeStorage", "manatee-backupserver", .logging,
            ]
        ),
        tests(
            "ManateeBackupTests",
            [
                "ManateeBackup", "ManateeCore", "ManateePorts", "ManateeWire", .asyncHTTPClient,
                .logging, .nioCore, .nioHTTP1, .nioPosix,
            ]
        ),
        tests(
            "ManateeClientTests",
            ["ManateeClient", "ManateeCore", "ManateeWire", "ZooKeeperClient"]
        ),
        tests("ZooKeeperClientTests", ["ZooKeeperClient", .nioEmbedded]),
        tests(
            "ContractTests",
            [
                "ManateeClient", "ManateeCore", "ManateeGuard", "ManateeJournal", "ManateeLocal",
                "ManateePorts", "ManateePostgres", "ManateeStore", "ManateeWire", "ZooKeeperClient",
                .logging, .nioCore, .nioPosix, .nioSSL,
            ]
        ),
        tests(
            "IntegrationTests",
            [
                "ManateeClient", "ManateeCore", "ManateeLocal", "ManateePostgres",
                "ZooKeeperClient",
            ]
        ),
    ]
)
