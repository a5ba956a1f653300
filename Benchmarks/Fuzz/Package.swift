// swift-tools-version: 6.2
import PackageDescription

// Apart from the product: built with libFuzzer, which brings a main function of its own.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "emc", path: "../..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "Datasets", package: "emc")],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  ],
  swiftLanguageModes: [.v6]
)
