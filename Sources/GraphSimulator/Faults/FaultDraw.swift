/// Draws that depend on the seed and on what is drawn for, not on what was drawn before: calls that run side by side do
/// not change each other's fate.
struct FaultDraw {
    private var state: UInt64

    init(seed: UInt64, faultID: Int, accountID: String, call: UInt64) {
        var state = Self.mixed(seed)
        state = Self.mixed(state ^ UInt64(truncatingIfNeeded: faultID))
        for byte in accountID.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.state = Self.mixed(state ^ call)
    }

    /// At least 0 and below 1.
    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Double(Self.mixed(state) >> 11) * 0x1p-53
    }

    /// The finaliser of SplitMix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
