// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "http-benchmark",
  dependencies: [.package(url: "https://github.com/swhitty/FlyingFox.git", exact: "0.27.1")],
  targets: [
    .executableTarget(
      name: "FlyingFoxServer", dependencies: [.product(name: "FlyingFox", package: "FlyingFox")])
  ],
  swiftLanguageModes: [.v6]
)
