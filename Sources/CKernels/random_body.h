// Keyed random masks: included once for each precision. Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel
// Random Numbers: As Easy as 1, 2, 3", SC 2011), as `RandomStream` in Swift.

/// Blocks made side by side, so that the rounds fill the vectors.
#undef SIDE
#define SIDE 16

EMC_KERNEL void NAME(dropout_mask)(
    size_t count, double drop, uint64_t key, uint64_t index, uint64_t block, REAL *restrict x) {
  const REAL kept = (REAL)(1 / (1 - drop));
  const uint32_t threshold = (uint32_t)(drop * 4294967296.0);
  for (size_t start = 0; start < count; start += 4 * SIDE) {
    uint32_t c0[SIDE], c1[SIDE], c2[SIDE], c3[SIDE];
    for (int j = 0; j < SIDE; j++) {
      const uint64_t number = block + start / 4 + (uint64_t)j;
      c0[j] = (uint32_t)number;
      c1[j] = (uint32_t)(number >> 32);
      c2[j] = (uint32_t)index;
      c3[j] = (uint32_t)(index >> 32);
    }
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
      for (int j = 0; j < SIDE; j++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0[j];
        const uint64_t p1 = (uint64_t)0xCD9E8D57u * c2[j];
        const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1[j] ^ k0;
        const uint32_t n2 = (uint32_t)(p0 >> 32) ^ c3[j] ^ k1;
        c0[j] = n0;
        c1[j] = (uint32_t)p1;
        c2[j] = n2;
        c3[j] = (uint32_t)p0;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    const size_t left = count - start;
    for (size_t j = 0; j < SIDE && 4 * j < left; j++) {
      const uint32_t words[4] = {c0[j], c1[j], c2[j], c3[j]};
      for (size_t i = 0; i < 4 && 4 * j + i < left; i++)
        x[start + 4 * j + i] = words[i] < threshold ? (REAL)0 : kept;
    }
  }
}
