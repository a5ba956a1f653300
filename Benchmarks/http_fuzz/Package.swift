// swift-tools-version: 6.2
import PackageDescription

// Apart from the product: built with libFuzzer, which brings a main function of its own. The server's sources and the tests'
// driver are linked into the folder, since what they declare is visible within a package alone.
let package = Package(
  name: "http-fuzz",
  dependencies: [
    .package(url: "https://github.com/swhitty/FlyingFox.git", exact: "0.27.1"),
    .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
  ],
  targets: [
    .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
    .target(
      name: "HTTPServer",
      dependencies: [
        "CZlib", .product(name: "FlyingSocks", package: "FlyingFox"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "fuzz", dependencies: ["HTTPServer"], swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
  ],
  swiftLanguageModes: [.v6]
)
