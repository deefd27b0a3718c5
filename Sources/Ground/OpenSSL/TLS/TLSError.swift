/// The reason why a TLS connection, or the settings for it, came to nothing.
package struct TLSError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// No authority that is trusted here vouches for the certificate, or it is not fit for a server.
        case notTrusted
        case expired
        case notYetValid
        /// The certificate is for other hosts.
        case wrongHost
        /// The server wants a certificate of the client, or another one.
        case clientCertificateRefused
        /// The peers have no version of TLS in common.
        case protocolVersion
        /// The bytes that the peer sent are not TLS.
        case notTLS
        /// The name that was asked for cannot be a host's.
        case invalidHostName
        /// A file of certificates or keys is missing or broken.
        case file
        /// The socket failed: reset, timed out.
        case socket(errno: Int32)
        /// Everything else that ends a session.
        case protocolFailure
    }

    package let kind: Kind
    /// The fault, in words that fit behind "TLS failed: ".
    package let message: String

    package var description: String { message }

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
