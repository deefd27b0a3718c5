import COpenSSL

/// The library's state, one for the process.
package enum OpenSSLLibrary {
    /// Initialises the library without its clean-up at exit.
    ///
    /// That clean-up frees what threads that still live may be using: a process that ends while its loops, or those of
    /// librdkafka, are in the library would crash now and then. The first initialisation decides, so a program calls
    /// this before it makes a Kafka client; everything in this module does so by itself.
    package static func prepare() { _ = isReady }

    private static let isReady: Bool = {
        let options = UInt64(OPENSSL_INIT_NO_ATEXIT)
        precondition(OPENSSL_init_ssl(options, nil) == 1, "OpenSSL could not be initialised; check openssl.cnf")
        return true
    }()
}
