package import CTapedeck

/// The answer to a ticket: `TD_OK` or `TD_E_REJECTED`, the order's number either way, and why it
/// was refused.
package struct Submission: Hashable, Sendable {
    package var status: td_status
    package var order: UInt64
    package var reason: Reason

    package init(status: td_status, order: UInt64, reason: Reason) {
        self.status = status
        self.order = order
        self.reason = reason
    }
}
