/* A file layer that fails: loaded before the C library (LD_PRELOAD), it counts the calls on files below the folders
   FAULT_ROOTS (separated by ':') and lets the one with a given number fail. Processes started by this one count on. */
#define _GNU_SOURCE
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { READING, WRITING };
enum mode { NONE, EIO_ONCE, FULL_DISK, SHORT_WRITE };
struct plan { atomic_long count; long fails_at; int mode; };
static struct plan *plan; /* shared with all processes forked later */
static char watched[4096];
static char *roots;

__attribute__((constructor)) static void begin(void) {
    plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    roots = getenv("FAULT_ROOTS");
}

/* For the test: count anew and fail at call number `fails_at` (0: never). */
void fault_plan(long fails_at, int mode) {
    plan->fails_at = fails_at;
    plan->mode = mode;
    atomic_store(&plan->count, 0);
}

long fault_count(void) { return atomic_load(&plan->count); }

static int below(const char *path) {
    for (const char *root = roots; root && *root; root += strcspn(root, ":"), root += *root == ':') {
        size_t length = strcspn(root, ":");
        if (!strncmp(path, root, length)) return 1;
    }
    return 0;
}

static int on(int fd) { return fd >= 0 && fd < (int)sizeof watched && watched[fd]; }

/* Whether this call fails; 2: it does only a part of its work. */
static int fails(enum kind kind) {
    long number = atomic_fetch_add(&plan->count, 1) + 1;
    if (!plan->fails_at || number < plan->fails_at) return 0;
    if (plan->mode == EIO_ONCE && number == plan->fails_at) return errno = EIO, 1;
    if (plan->mode == FULL_DISK && kind == WRITING) return errno = ENOSPC, 1;
    if (plan->mode == SHORT_WRITE && number == plan->fails_at) return 2;
    return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opened(int fd, const char *path) {
    if (fd >= 0 && fd < (int)sizeof watched) watched[fd] = (char)below(path);
    return fd;
}

#define OPEN(name)                                                                        \
    int name(const char *path, int flags, ...) {                                          \
        va_list list;                                                                     \
        va_start(list, flags);                                                            \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;           \
        va_end(list);                                                                     \
        if (below(path) && fails(flags & O_CREAT ? WRITING : READING) == 1) return -1;    \
        return opened(REAL(name)(path, flags, mode), path);                               \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                      \
    int name(int folder, const char *path, int flags, ...) {                              \
        va_list list;                                                                     \
        va_start(list, flags);                                                            \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;           \
        va_end(list);                                                                     \
        if (below(path) && fails(flags & O_CREAT ? WRITING : READING) == 1) return -1;    \
        return opened(REAL(name)(folder, path, flags, mode), path);                       \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    if (on(fd)) watched[fd] = 0;
    return REAL(close)(fd);
}

#define TRANSFER(name, kind, buffer_type, count, parameters, arguments, shorter)          \
    ssize_t name parameters {                                                             \
        if (on(fd)) {                                                                     \
            int how = fails(kind);                                                        \
            if (how == 1) return -1;                                                      \
            if (how == 2 && kind == WRITING && count > 1) return REAL(name) shorter;      \
        }                                                                                 \
        return REAL(name) arguments;                                                      \
    }
TRANSFER(read, READING, void, n, (int fd, void *data, size_t n), (fd, data, n), (fd, data, n / 2))
TRANSFER(write, WRITING, const void, n, (int fd, const void *data, size_t n), (fd, data, n), (fd, data, n / 2))
TRANSFER(pread, READING, void, n, (int fd, void *data, size_t n, off_t at), (fd, data, n, at), (fd, data, n / 2, at))
TRANSFER(pread64, READING, void, n, (int fd, void *data, size_t n, off64_t at), (fd, data, n, at),
         (fd, data, n / 2, at))
TRANSFER(pwrite, WRITING, const void, n, (int fd, const void *data, size_t n, off_t at), (fd, data, n, at),
         (fd, data, n / 2, at))
TRANSFER(pwrite64, WRITING, const void, n, (int fd, const void *data, size_t n, off64_t at), (fd, data, n, at),
         (fd, data, n / 2, at))
TRANSFER(writev, WRITING, const struct iovec, n, (int fd, const struct iovec *data, int n), (fd, data, n),
         (fd, data, n / 2))

int fsync(int fd) { return on(fd) && fails(WRITING) == 1 ? -1 : REAL(fsync)(fd); }
int ftruncate(int fd, off_t size) { return on(fd) && fails(READING) == 1 ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return on(fd) && fails(READING) == 1 ? -1 : REAL(ftruncate64)(fd, size); }
int rename(const char *from, const char *to) {
    return below(to) && fails(READING) == 1 ? -1 : REAL(rename)(from, to);
}
int renameat(int a, const char *from, int b, const char *to) {
    return below(to) && fails(READING) == 1 ? -1 : REAL(renameat)(a, from, b, to);
}
int mkdir(const char *path, mode_t mode) { return below(path) && fails(WRITING) == 1 ? -1 : REAL(mkdir)(path, mode); }
int unlink(const char *path) { return below(path) && fails(READING) == 1 ? -1 : REAL(unlink)(path); }
int unlinkat(int folder, const char *path, int flags) { return REAL(unlinkat)(folder, path, flags); }

/* What a hardened build calls in place of the above. */
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags) { return open64(path, flags); }
int __openat_2(int folder, const char *path, int flags) { return openat(folder, path, flags); }
int __openat64_2(int folder, const char *path, int flags) { return openat64(folder, path, flags); }
ssize_t __read_chk(int fd, void *data, size_t n, size_t size) { (void)size; return read(fd, data, n); }
ssize_t __pread_chk(int fd, void *data, size_t n, off_t at, size_t size) { (void)size; return pread(fd, data, n, at); }
ssize_t __pread64_chk(int fd, void *data, size_t n, off64_t at, size_t size) {
    (void)size;
    return pread64(fd, data, n, at);
}
