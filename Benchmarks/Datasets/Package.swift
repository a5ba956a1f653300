// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "datasets",
  dependencies: [.package(name: "emc", path: "../..")],
  targets: [.executableTarget(name: "datasets", dependencies: [.product(name: "Datasets", package: "emc")])],
  swiftLanguageModes: [.v6]
)
