/// A value that belongs to a reactor's thread, for those who carry it across threads.
///
/// `@unchecked Sendable`: the value is reached on the reactor's thread only, which is checked; carrying it elsewhere copies
/// a reference. It should be a class's object or something as harmless to let go of on any thread.
package struct ReactorBound<Value>: @unchecked Sendable {
    package let reactor: Reactor
    private let stored: Value

    /// Binds a value that nobody else uses outside of the reactor's thread.
    package init(_ value: sending Value, to reactor: Reactor) {
        self.reactor = reactor
        stored = value
    }

    /// The value. On the reactor's thread; anywhere else the process ends.
    package var value: Value {
        precondition(reactor.isCurrent, "this value belongs on the thread of a reactor: use execute")
        return stored
    }

    /// Hands the value to work on the reactor's thread, from any thread.
    ///
    /// - Returns: False once the reactor has ended; the work is not run then.
    @discardableResult
    package func execute(_ work: @escaping @Sendable (Value) -> Void) -> Bool {
        reactor.execute { work(value) }
    }
}
