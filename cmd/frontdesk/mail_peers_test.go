package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// peers are Postfix and Dovecot as most mail services have them: LMTP from one to the other, each mail a file, written
// to disk before it is answered.
type peers struct {
	b          *testing.B
	dir        string
	smtp, imap string
	masters    []int // process ids
}

// newPeers starts them; without them, or not being root, the benchmark is skipped.
func newPeers(b *testing.B) *peers {
	b.Helper()
	for _, program := range []string{"/usr/sbin/postfix", "/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp"} {
		if _, err := os.Stat(program); err != nil || os.Getuid() != 0 {
			b.Skip("root, postfix, dovecot-imapd and dovecot-lmtpd are needed")
		}
	}
	p := &peers{b: b, dir: b.TempDir()}
	if err := os.Chmod(filepath.Dir(p.dir), 0o755); err != nil { // they run as users of their own
		b.Fatal(err)
	}
	ports := freePorts(b, 3)
	p.smtp, p.imap = "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[2]
	p.dovecot(ports[1], ports[2])
	p.postfix(ports[0], ports[1])
	for _, address := range []string{p.smtp, p.imap} {
		await(b, address, func() bool {
			conn, err := net.Dial("tcp", address)
			if err == nil {
				conn.Close()
			}
			return err == nil
		})
	}
	return p
}

func freePorts(b *testing.B, n int) (ports []string) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports
}

func (p *peers) write(name, text string) string {
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.b.Fatal(err)
	}
	return path
}

func (p *peers) folder(name, owner string) string {
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(path, 0o755); err != nil {
		p.b.Fatal(err)
	}
	mustRun(p.b, "/bin/chown", owner, path)
	return path
}

func (p *peers) dovecot(lmtp, imap string) {
	config := p.write("dovecot.conf", fmt.Sprintf(`
protocols = imap lmtp
base_dir = %[1]s/run
log_path = %[1]s/dovecot.log
ssl = no
disable_plaintext_auth = no
listen = 127.0.0.1
mail_location = maildir:%[2]s/%%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
mailbox_list_index = yes
passdb {
  driver = static
  args = password=%[5]s
}
userdb {
  driver = static
  args = uid=mail gid=mail home=%[2]s/%%u allow_all_users=yes
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = %[3]s
  }
}
protocol imap {
  mail_max_userip_connections = 50
}
service imap-login {
  service_count = 0
  inet_listener imap {
    port = %[4]s
  }
  inet_listener imaps {
    port = 0
  }
}
`, p.dir, p.folder("mails", "mail"), lmtp, imap, demoPassword))
	master := exec.Command("/usr/sbin/dovecot", "-F", "-c", config)
	if err := master.Start(); err != nil {
		p.b.Fatal(err)
	}
	p.b.Cleanup(func() {
		master.Process.Signal(syscall.SIGTERM)
		master.Wait()
	})
	p.masters = append(p.masters, master.Process.Pid)
}

func (p *peers) postfix(smtp, lmtp string) {
	config := p.folder("postfix", "root")
	p.write("postfix/main.cf", fmt.Sprintf(`
compatibility_level = 3.6
queue_directory = %s
data_directory = %s
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.peers.example
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = peers.example
virtual_mailbox_maps = static:yes
virtual_transport = lmtp:inet:127.0.0.1:%s
alias_maps =
smtpd_recipient_restrictions = permit_mynetworks
smtpd_client_connection_count_limit = 0
maillog_file = %s
maillog_file_prefixes = %s
`, p.folder("queue", "root"), p.folder("data", "postfix"), lmtp, filepath.Join(p.dir, "postfix.log"), p.dir))
	master, err := os.ReadFile("/etc/postfix/master.cf")
	if err != nil {
		p.b.Fatal(err)
	}
	var services strings.Builder
	for line := range strings.Lines(string(master)) {
		f := strings.Fields(line)
		if len(f) < 8 || strings.ContainsAny(line[:1], "# \t") || f[7] == "pipe" {
			continue
		}
		if f[0] == "smtp" && f[1] == "inet" {
			f[0] = "127.0.0.1:" + smtp
		}
		f[4] = "n" // no chroot
		services.WriteString(strings.Join(f, " ") + "\n")
	}
	p.write("postfix/master.cf", services.String())
	if out, err := exec.Command("/usr/sbin/postfix", "-c", config, "start").CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(p.dir, "postfix.log"))
		p.b.Fatalf("postfix: %v\n%s%s", err, out, log)
	}
	p.b.Cleanup(func() { exec.Command("/usr/sbin/postfix", "-c", config, "stop").Run() })
	pid, err := os.ReadFile(filepath.Join(p.dir, "queue/pid/master.pid"))
	if err != nil {
		p.b.Fatal(err)
	}
	number, _ := strconv.Atoi(strings.TrimSpace(string(pid)))
	p.masters = append(p.masters, number)
}

// used is the processor time of all their processes.
func (p *peers) used() (all time.Duration) {
	for _, master := range p.masters {
		all += processCPU(master)
		for _, child := range childrenOf(master) {
			all += processCPU(child)
		}
	}
	return all
}

func childrenOf(pid int) (list []int) {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, field := range strings.Fields(string(data)) {
		child, _ := strconv.Atoi(field)
		list = append(append(list, child), childrenOf(child)...)
	}
	return list
}

// await waits until Ana has so many mails more than before.
func (p *peers) await(n int) {
	delivered := filepath.Join(p.dir, "mails/ana@peers.example/new")
	await(p.b, fmt.Sprintf("%d mails in %s", n, delivered), func() bool {
		names, _ := os.ReadDir(delivered)
		return len(names) >= n
	})
}
