/* For a program that glibc is linked into. glibc reads /etc/nsswitch.conf, which may name a module of the machine it runs
   on (systemd's, mDNS, LDAP): that one, and with it that machine's own glibc, would be loaded into a program that has
   another glibc in it already, which ends in a crash. `files` and `dns` are in the program itself. */
#include <nss.h>

__attribute__((constructor)) static void names_by_what_is_linked_in(void) {
  __nss_configure_lookup("hosts", "files dns");
  __nss_configure_lookup("passwd", "files");
}
