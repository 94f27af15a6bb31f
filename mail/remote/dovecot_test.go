package remote

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// provider is a Dovecot with one account: where somebody's mail is kept.
type provider struct {
	t    testing.TB
	imap string
	dir  string
}

const (
	address  = "ana@provider.test"
	password = "pw-ana"
)

// newProvider starts Dovecot. Where tokens are checked at introspect, it takes them (XOAUTH2), too.
func newProvider(t testing.TB, introspect string) *provider {
	t.Helper()
	binary, err := exec.LookPath("dovecot")
	if err != nil || os.Getuid() != 0 {
		t.Skip("needs dovecot (apt install dovecot-imapd), as root")
	}
	dir, err := os.MkdirTemp("/tmp", "dovecot") // its sockets have short names, and others than root pass through
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &provider{t: t, dir: dir, imap: fmt.Sprintf("127.0.0.1:%d", storetest.FreePort(t, "127.0.0.1"))}
	p.write("users", address+":{PLAIN}"+password+"\n")
	p.write("oauth2", "introspection_mode = get\nintrospection_url = "+introspect+
		"?token=\nusername_attribute = email\nactive_attribute = active\nactive_value = true\n")
	p.write("dovecot.conf", p.config(introspect != ""))
	p.start(binary)
	return p
}

func (p *provider) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *provider) config(tokens bool) string {
	_, port, _ := net.SplitHostPort(p.imap)
	oauth := ""
	if tokens {
		oauth = "passdb {\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n args = " + p.dir + "/oauth2\n}\n"
	}
	return strings.NewReplacer("@DIR@", p.dir, "@PORT@", port, "@OAUTH@", oauth).Replace(`
base_dir = @DIR@/run
state_dir = @DIR@/run
log_path = @DIR@/log
auth_verbose = yes
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain xoauth2
mail_location = maildir:@DIR@/mail/%u
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
service imap-login {
 inet_listener imap {
  port = @PORT@
 }
 inet_listener imaps {
  port = 0
 }
}
service stats {
 client_limit = 100
}
@OAUTH@
passdb {
 driver = passwd-file
 mechanisms = plain
 args = @DIR@/users
}
userdb {
 driver = static
 args = uid=mail gid=mail home=@DIR@/mail/%u
}
namespace inbox {
 inbox = yes
 separator = /
 mailbox Sent {
  auto = create
  special_use = \Sent
 }
 mailbox Trash {
  auto = create
  special_use = \Trash
 }
 mailbox Junk {
  auto = create
  special_use = \Junk
 }
 mailbox Offers {
  auto = create
 }
}
`)
}

func (p *provider) start(binary string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Join(p.dir, "mail"), 0o777); err != nil {
		p.t.Fatal(err)
	}
	os.Chmod(filepath.Join(p.dir, "mail"), 0o777)
	daemon := exec.Command(binary, "-F", "-c", filepath.Join(p.dir, "dovecot.conf"))
	if err := daemon.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		daemon.Process.Signal(os.Interrupt)
		daemon.Wait()
		if log, err := os.ReadFile(filepath.Join(p.dir, "log")); err == nil && p.t.Failed() {
			p.t.Logf("dovecot: %s", log)
		}
	})
	testwait.Until(p.t, "dovecot listens", func() bool {
		conn, err := net.Dial("tcp", p.imap)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

// program is a mail program of the account's owner.
func (p *provider) program() *imapclient.Client {
	p.t.Helper()
	c, err := imapclient.DialInsecure(p.imap, nil)
	if err == nil {
		err = c.Login(address, password).Wait()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	return c
}

// comes puts mails into a folder, as the provider's server does when they come in.
func (p *provider) comes(c *imapclient.Client, folder string, at time.Time, mails ...string) {
	p.t.Helper()
	for _, m := range mails {
		text := strings.ReplaceAll(m, "\n", "\r\n")
		adding := c.Append(folder, int64(len(text)), &imap.AppendOptions{Time: at})
		adding.Write([]byte(text))
		adding.Close()
		if _, err := adding.Wait(); err != nil {
			p.t.Fatal(err)
		}
	}
}

func letterOf(id, subject string) string {
	return "From: Client <client@else.test>\nTo: " + address + "\nSubject: " + subject + "\nMessage-ID: <" + id +
		"@else.test>\nDate: Mon, 02 Nov 2026 10:00:00 +0200\nMIME-Version: 1.0\n" +
		"Content-Type: text/plain; charset=utf-8\n\nGood day, " + id + ".\n"
}

// subjects of a folder there.
func (p *provider) subjects(c *imapclient.Client, folder string) string {
	p.t.Helper()
	if _, err := c.Select(folder, nil).Wait(); err != nil {
		p.t.Fatal(err)
	}
	all := imap.UIDSet{}
	all.AddRange(1, 0)
	list, err := c.Fetch(all, &imap.FetchOptions{UID: true, Envelope: true, Flags: true}).Collect()
	if err != nil {
		p.t.Fatal(err)
	}
	var said []string
	for _, m := range list {
		text := m.Envelope.Subject
		for _, f := range m.Flags {
			if f != "\\Recent" {
				text += " " + string(f)
			}
		}
		said = append(said, text)
	}
	return strings.Join(said, ", ")
}
