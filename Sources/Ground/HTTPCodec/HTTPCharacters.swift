/// The classes of bytes that the grammar of HTTP names (RFC 9110, 5.6; RFC 9112).
enum HTTPCharacters {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let comma: UInt8 = 0x2C
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B

    /// A byte of a token: names of fields, methods.
    static func isToken(_ byte: UInt8) -> Bool {
        // Names are letters and hyphens but for a few.
        if (byte | 0x20) &- 0x61 < 26 || byte == 0x2D { return true }
        // One bit for each of !#$%&'*+-. and the digits, then for the letters and ^_`|~.
        let low: UInt64 = 0x03FF_6CFA_0000_0000
        let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        guard byte < 0x80 else { return false }
        return (byte < 0x40 ? low >> UInt64(byte) : high >> UInt64(byte & 0x3F)) & 1 == 1
    }

    /// A byte of a field's value or of a reason: visible, a space, a tab, or beyond ASCII.
    static func isText(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == tab
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// A byte of a request's target: visible ASCII but for the quotation mark, the angle brackets and the sign of a fragment.
    ///
    /// Wider than RFC 3986 by the backslash, the caret, the grave accent, brackets, braces and the bar, which browsers send
    /// unescaped in a query.
    static func isTarget(_ byte: UInt8) -> Bool {
        guard byte > 0x20, byte < 0x7F else { return false }
        return byte != 0x22 && byte != 0x23 && byte != 0x3C && byte != 0x3E
    }

    /// A byte of a host name, an address or a port (RFC 3986, 3.2), brackets and percent escapes included.
    static func isAuthority(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x2F, 0x3F, 0x40, 0x5C, 0x5E, 0x60, 0x7B...0x7D: false
        default: isTarget(byte)
        }
    }

    /// The value of a hexadecimal digit; nil for any other byte.
    static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// Whether two bytes are the same, or the same letter of ASCII in another case.
    static func matches(_ one: UInt8, _ other: UInt8) -> Bool {
        if one == other { return true }
        guard one ^ other == 0x20 else { return false }
        return (0x61...0x7A).contains(one | 0x20)
    }
}
