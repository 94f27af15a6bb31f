package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"frontdesk/store/storetest"
)

// office is people with desk phones and rented numbers at one node. All their phones are a sipp that answers.
type office struct {
	b      testing.TB
	c      *company
	caller string // scenario
	list   string // of what is called
	out    strings.Builder
}

// newOffice hires them; block, a digit, tells the numbers of several offices apart.
func newOffice(b testing.TB, c *company, block, people int) *office {
	b.Helper()
	o := &office{b: b, c: c}
	port := storetest.FreePort(b, "127.0.0.1")
	phones := dialSIP(b, c.SIPUDP, port)
	list, trunk := "SEQUENTIAL\n", c.trunk(demoTrunk)
	for i := range people {
		var user struct{ ID string }
		login := fmt.Sprintf("desk%d-%d", block, i)
		c.api("POST", "/users", map[string]any{"login": login, "name": "User " + login,
			"email": login + "@acme.example", "password": "a long password"}, &user)
		if err := c.newAccount(user.ID).register(phones); err != nil {
			b.Fatal(err)
		}
		number := fmt.Sprintf("+4021555%d%03d", block, i)
		if code := c.api("PUT", "/numbers/"+number,
			map[string]any{"trunk": trunk, "destination": map[string]any{"kind": "user", "user": user.ID}},
			nil); code >= 300 {
			b.Fatalf("number %s: %d", number, code)
		}
		list += number + ";" + demoContacts()[i%len(demoContacts())].phone + "\n"
	}
	phones.Close() // their port is sipp's now
	startPeer(b, exec.Command(tool(b, "sipp", "sip-tester"), "-sn", "uas", "-i", "127.0.0.1", "-p", strconv.Itoa(port),
		"-nostdin"))
	dir := b.TempDir()
	scenario := strings.NewReplacer("[service]", "[field0]", "+40722000111", "[field1]", "AVP 8 ", "AVP 0 ", "8 PCMA",
		"0 PCMU").Replace(read(b, "../../sip/testdata/uac_basic.xml"))
	o.caller, o.list = write(b, scenario, dir, "caller.xml"), write(b, list, dir, "numbers.csv")
	return o
}

// trunk finds a trunk by its name.
func (c *company) trunk(name string) string {
	c.t.Helper()
	var all items[struct{ ID, Name string }]
	c.api("GET", "/trunks", nil, &all)
	for _, t := range all.Items {
		if t.Name == name {
			return t.ID
		}
	}
	c.t.Fatalf("no trunk is called %s", name)
	return ""
}

// called runs calls, so many at once and in a second, and waits for the last.
func (o *office) called(calls, atOnce, rate int) {
	cmd := exec.Command("sipp", "-sf", o.caller, "-inf", o.list, "-i", "127.0.0.1", "-m", strconv.Itoa(calls), "-l",
		strconv.Itoa(atOnce), "-p", strconv.Itoa(storetest.FreePort(o.b, "127.0.0.1")), "-r", strconv.Itoa(rate),
		"-nostdin", o.c.SIPUDP)
	cmd.Stdout, cmd.Stderr = &o.out, &o.out
	if err := cmd.Run(); err != nil {
		o.b.Logf("calls at %s: %v\n%s", o.c.SIPUDP, err, o.out.String())
	}
}

var successful = regexp.MustCompile(`Successful call +\| +\d+ +\| +(\d+)`)

// answered is how many of the calls just made were answered and ended well.
func (o *office) answered() int {
	all := successful.FindAllStringSubmatch(o.out.String(), -1)
	if len(all) == 0 {
		o.b.Fatalf("sipp tells nothing:\n%s", o.out.String())
	}
	n, _ := strconv.Atoi(all[len(all)-1][1])
	return n
}
