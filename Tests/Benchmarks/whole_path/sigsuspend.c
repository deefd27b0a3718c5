// Put before libc when the worker runs under valgrind: 3.19, which Debian 12 has, writes into the mask that
// sigsuspend(2) is given, and that of Swift's libdispatch is in memory that nobody may write to. So it gets a copy.

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, _NSIG / 8);
}
