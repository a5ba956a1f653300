import Compute
import Networks
import Testing

/// Named architectures compute what they computed before they were lists of layers, bit for bit: digests of then.
@Suite("Recorded digests") struct RecordedDigestTests {
  /// The kernels that the results were recorded with; the start of the parameters is the same with all.
  static let kernels: Set = ["Haswell+avx512", "Cooperlake+avx512"]

  /// (single, double) of the parameters, then of what is computed with them.
  static let digests: [String: [UInt64]] = [
    "linear": [0x19285191a413fc86, 0xe29f1818f53b5dae, 0x230bb6a6cadd5100, 0xb33935886ccc8c36],
    "mlp": [0xd570366d1cd6bdd9, 0x2f824e52a2251e0c, 0x6bcf39897278b0da, 0x9064885adc61127b],
    "mlp gelu dropout": [0xc3cad5a15f1d24d6, 0x1c5e59a75d0192b7, 0x82e794ea381a93cd, 0x8995f0185b66d976],
    "mlp batch tanh": [0xa265abe9dd085fd2, 0xf39937c5daca48e9, 0xe3c423133854a358, 0x88eb2210123b3b5d],
    "mlp layer silu": [0xa265abe9dd085fd2, 0xf39937c5daca48e9, 0xaf925bc4664462d, 0x34a4144ee9fd8cd1],
    "mlp identity": [0x752cf52fb1f5ddbc, 0x9395b5e9e862f84, 0x83e32584dfee677e, 0x3d3a68633d65ab98],
    "cnn": [0x22d6b449127faa6b, 0x15f8f2e01b7ae196, 0xa014b339cc4953de, 0xa126de847bdee454],
    "cnn gelu": [0x7b821b8acbba5c10, 0xee6ac3568d91e7b4, 0x9024f57b52848cd1, 0xdfcd1158255f3b79],
    "cnn average dropout": [0x4d9ccf33604867c, 0x85ac31de26dbcc7d, 0x5751adfddcbe0407, 0x9b39abbe88791960],
    "cnn batch": [0xc2215f161316a1c5, 0x28cbc0062b45a3ac, 0xa6db0225e7154445, 0xd80f120a20797251],
    "cnn layer average": [0xf506b772b930ce1e, 0x156ded2a6b99332d, 0xaa123ce86a01089b, 0x20da2b097151cb97],
    "cnn resolution": [0x3cba476324c9c01c, 0x385dea27f6360ed, 0x23aeb1c1666cd0b5, 0x2a8f1010c5a3d2c9],
    "resnet": [0x1380f49b43803366, 0x71a6cce600290842, 0xd89517a811bafa4d, 0x18849aea4bf50298],
    "resnet gelu": [0x1b3298d4816e004c, 0xfa0d28cb747e0bd8, 0xf041f3407b96b4c1, 0x740e845b76bd792d],
    "resnet tanh": [0x52f11559b929979c, 0x82bee8e03a5bfae2, 0x6dd5ffa8ec57ca13, 0xcbff69f1618d2d4a],
    "resnet identity resolution": [
      0x1276175c4bf21341, 0x2b4ca608974573d8, 0xd4cf4f81ed67bb80, 0x492c6b0f71b6d2af,
    ],
    "vit": [0xe5fe86ab37374314, 0x7de9553bbbf0fafa, 0x360fec290ea088c0, 0x362bf98479170626],
    "vit dropout": [0x23a25ff568fddee4, 0x34ea177ca1b8b294, 0x4d9688f4491512e, 0xbb51209c32c7e75e],
    "vit identity": [0xbeae0911d7251e2d, 0x80f483e6e6e80edf, 0xdd2e965d3f05e4c, 0xeddcedba0d044ab3],
    "efficientnet": [0xfc3c918651eed523, 0x434c489895dae633, 0xf682b5b2bb556adf, 0x3600d5c0577939ed],
    "efficientnet relu": [0xadf40d1d1eb114a3, 0xc3eed9435e79572, 0xbccab05b70742461, 0xdade8ce32bf7bf7d],
  ]

  @Test(arguments: NamedArchitecture.all) func asBefore(item: NamedArchitecture) throws {
    let recorded = try #require(Self.digests[item.name])
    let single = try NetworkDigest(of: item.architecture, input: item.input, in: Float.self)
    let double = try NetworkDigest(of: item.architecture, input: item.input, in: Double.self)
    #expect([single.parameters, double.parameters] == [recorded[0], recorded[1]])
    guard Self.kernels.contains(BLAS.kernels) else {
      print("results not compared: recorded with other kernels than \(BLAS.kernels)")
      return
    }
    #expect([single.results, double.results] == [recorded[2], recorded[3]])
  }
}
