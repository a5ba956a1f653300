// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

/// Contraction off: a kernel gives the same bits on every dispatch of one processor kind.
let kernels: [CSetting] = [
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno"]),
]

let package = Package(
  name: "emc",
  products: [
    .executable(name: "emc", targets: ["emc"]),
    // For the fuzzers and benchmarks beside the product.
    .library(name: "Datasets", targets: ["Datasets"]),
  ],
  dependencies: [
    // Exact, since Package.resolved is not kept.
    .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    .package(url: "https://github.com/swhitty/FlyingFox.git", exact: "0.27.1"),
    .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
  ],
  targets: [
    // System libraries: module maps, no code.
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebpdemux", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CGIF", pkgConfig: "libgif", providers: [.apt(["libgif-dev"])]),
    .systemLibrary(name: "CLZMA", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

    // C: what Swift can't express.
    .target(name: "CKernels", cSettings: kernels),
    .target(name: "CProcess", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CHTTPPost", dependencies: ["CCurl"], cSettings: [.treatAllWarnings(as: .error)]),

    // The files that the binary carries inside; the build makes their list.
    .plugin(name: "EmbedFiles", capability: .buildTool()),
    .target(name: "Resources", swiftSettings: strict, plugins: ["EmbedFiles"]),

    // The house, from the ground up: a module knows only those it names here.
    .target(name: "Compute", dependencies: ["COpenBLAS", "CKernels"], swiftSettings: strict),
    .target(name: "Networks", dependencies: ["Compute"], swiftSettings: strict),
    .target(name: "Training", dependencies: ["Compute", "Networks"], swiftSettings: strict),
    .target(
      name: "Datasets",
      dependencies: [
        "Compute", "CZlib", "CLZMA", "CZstd", "CTurboJPEG", "CPNG", "CWebP", "CTIFF", "CGIF",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "Capacity",
      dependencies: [
        "Compute", "Networks", "Training", "Datasets",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "Persistence",
      dependencies: ["CPostgres", "Resources", "CProcess", .product(name: "Logging", package: "swift-log")],
      swiftSettings: strict),
    .target(
      name: "HTTPServer",
      dependencies: [
        "CZlib", .product(name: "FlyingSocks", package: "FlyingFox"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "Service",
      dependencies: [
        "Capacity", "Training", "Compute", "Datasets", "Persistence", "HTTPServer", "Resources", "CHTTPPost",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "emc",
      dependencies: [
        "Compute", "Networks", "Training", "Service", "Capacity", "Datasets",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),

    .testTarget(name: "ComputeTests", dependencies: ["Compute"], swiftSettings: strict),
    .testTarget(name: "NetworksTests", dependencies: ["Networks"], swiftSettings: strict),
    // Counts allocations for tests.
    .target(
      name: "CAllocations", path: "Tests/CAllocations", cSettings: [.treatAllWarnings(as: .error)]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "CAllocations"], swiftSettings: strict),
    .testTarget(
      name: "GoldenTests", dependencies: ["Training"], resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Compute", "Datasets", "CZlib"], resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "CapacityTests", dependencies: ["Capacity", "Datasets", "Training"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(name: "PersistenceTests", dependencies: ["Persistence"], swiftSettings: strict),
    .testTarget(
      name: "HTTPServerTests",
      dependencies: [
        "HTTPServer", "CZlib", .product(name: "FlyingSocks", package: "FlyingFox"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ServiceTests",
      dependencies: [
        "Service", "Capacity", "Datasets", "Persistence", "HTTPServer", "Resources", "emc",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
