package imapd

import (
	"slices"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// listing is what LIST asks for (RFC 5258, 5819 and 6154).
type listing struct {
	lsub       bool // the old command
	ref        string
	patterns   []string // none: the delimiter is asked for
	subscribed bool     // only those
	recursive  bool     // and those with such below
	special    bool     // only those with a use
	tell       bool     // which are subscribed
	status     *statusItems
}

func (s *session) list(c *imap.Command) (string, error) {
	l, a := &listing{}, c.Args
	a.Space()
	if a.Optional(func() { l.option(a) }) {
		a.Space()
	}
	l.ref = a.Mailbox()
	a.Space()
	if !a.Optional(func() { l.pattern(a.Pattern()) }) {
		l.pattern(a.Pattern())
	}
	if a.More() {
		a.Space()
		if a.Keyword() != "RETURN" {
			a.Fail("After the patterns comes RETURN")
		}
		a.Space()
		a.List(func() { l.returned(a) })
	}
	if l.recursive && !l.subscribed {
		a.Fail("RECURSIVEMATCH goes with SUBSCRIBED only")
	}
	if err := a.End(); err != nil {
		return "", err
	}
	return "", s.answerList(l)
}

func (l *listing) pattern(name string) {
	if name != "" {
		l.patterns = append(l.patterns, name)
	}
}

func (l *listing) option(a *imap.Args) {
	switch a.Keyword() {
	case "SUBSCRIBED":
		l.subscribed = true
	case "REMOTE":
	case "RECURSIVEMATCH":
		l.recursive = true
	case "SPECIAL-USE":
		l.special = true
	default:
		a.Fail("Unknown selection option of LIST")
	}
}

func (l *listing) returned(a *imap.Args) {
	switch a.Keyword() {
	case "SUBSCRIBED":
		l.tell = true
	case "CHILDREN", "SPECIAL-USE": // always told
	case "STATUS":
		a.Space()
		l.status = readStatusItems(a)
	default:
		a.Fail("Unknown return option of LIST")
	}
}

func (s *session) lsub(c *imap.Command) (string, error) {
	l := &listing{lsub: true, subscribed: true}
	c.Args.Space()
	l.ref = c.Args.Mailbox()
	c.Args.Space()
	l.pattern(c.Args.Pattern())
	if err := c.Args.End(); err != nil {
		return "", err
	}
	return "", s.answerList(l)
}

func (s *session) answerList(o *listing) error {
	if len(o.patterns) == 0 { // asks for the delimiter
		s.writeListed(o, listed{}, []string{`\Noselect`}, false)
		return nil
	}
	all, err := s.all()
	if err != nil {
		return err
	}
	for i := range all {
		all[i].fits = all[i].matches(o.ref, o.patterns)
	}
	for _, l := range all {
		below := l.fits && o.recursive && l.hidesSubscribed(all)
		implied := o.lsub && l.fits && !l.folder.Subscribed && l.impliedBy(all, o.patterns)
		gone := l.folder.ID == "" && l.folder.Subscribed && !o.subscribed
		if !l.fits || gone && !l.children || !below && !implied && !l.selected(o) {
			continue
		}
		attrs := l.attributes(o)
		switch {
		case implied:
			attrs = []string{`\Noselect`}
		case o.lsub:
			attrs = nil
		}
		s.writeListed(o, l, attrs, below)
		if o.status != nil && l.folder.ID != "" {
			if err := s.writeStatus(l.name, l.folder, o.status); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) writeListed(o *listing, l listed, attrs []string, below bool) {
	kind := "* LIST "
	if o.lsub {
		kind = "* LSUB "
	}
	s.out.Text(kind).List(attrs).Text(` "/" `).Mailbox(l.name)
	if below {
		s.out.Text(` (CHILDINFO ("SUBSCRIBED"))`)
	}
	s.out.End()
}

// listed is a line of LIST in the making.
type listed struct {
	name     string
	folder   mail.Folder // without ID where there is only something below
	children bool
	fits     bool // the patterns of the command
}

// all lists every name of the user, with those that only hold others.
func (s *session) all() ([]listed, error) {
	list, err := s.namesOf(s.own, "")
	if err != nil {
		return nil, err
	}
	byName, err := s.sharedMailboxes()
	if err != nil {
		return nil, err
	}
	for name, m := range byName {
		more, err := s.namesOf(m, shared+"/"+name+"/")
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return withParents(list), nil
}

func (s *session) namesOf(m mail.Mailbox, prefix string) (list []listed, err error) {
	folders, err := s.core.box.Folders(s.ctx, m.ID)
	if err != nil {
		return nil, s.fault("list folders", err)
	}
	for _, f := range folders {
		if prefix != "" {
			f.Use = "" // a client has one Sent folder, its own
		}
		list = append(list, listed{name: prefix + f.Name, folder: f})
	}
	lost, err := s.core.box.LostSubscriptions(s.ctx, m.ID)
	for _, name := range lost {
		list = append(list, listed{name: prefix + name, folder: mail.Folder{Subscribed: true}})
	}
	return list, s.fault("list folders", err)
}

func withParents(list []listed) []listed {
	index := map[string]int{}
	for i, l := range list {
		index[l.name] = i
	}
	for _, l := range list {
		for _, parent := range parents(l.name) {
			i, ok := index[parent]
			if !ok {
				i = len(list)
				index[parent] = i
				list = append(list, listed{name: parent})
			}
			list[i].children = true
		}
	}
	return list
}

func (l listed) matches(ref string, patterns []string) bool {
	for _, pattern := range patterns {
		if strings.EqualFold(ref+pattern, mail.Inbox) {
			return l.name == mail.Inbox
		}
		if match(l.name, ref+pattern) {
			return true
		}
	}
	return false
}

// match tells whether a name fits a LIST pattern: "*" is anything, "%" anything within one level. Its time is the
// product of both lengths whatever the pattern.
func match(name, pattern string) bool {
	reached := make([]bool, len(name)+1) // the prefixes of name that fit the pattern so far
	reached[0] = true
	for _, p := range []byte(pattern) {
		if p == '*' || p == '%' {
			for i := range len(name) {
				reached[i+1] = reached[i+1] || reached[i] && (p == '*' || name[i] != delimiter)
			}
			continue
		}
		for i := len(name); i > 0; i-- {
			reached[i] = reached[i-1] && name[i-1] == p
		}
		reached[0] = false
	}
	return reached[len(name)]
}

// hidesSubscribed tells whether subscribed names are below l that the patterns don't show (RFC 5258 section 3.5).
func (l listed) hidesSubscribed(all []listed) bool {
	return slices.ContainsFunc(all, func(o listed) bool {
		return o.folder.Subscribed && !o.fits && strings.HasPrefix(o.name, l.name+"/")
	})
}

// impliedBy tells whether LSUB shows a name that isn't subscribed because one below is, which a "%" hides (RFC 3501
// section 6.3.9).
func (l listed) impliedBy(all []listed, patterns []string) bool {
	return strings.HasSuffix(patterns[0], "%") && l.hidesSubscribed(all)
}

func (l listed) selected(o *listing) bool {
	if o.subscribed && !l.folder.Subscribed {
		return false
	}
	return !o.special || l.folder.Use != ""
}

func (l listed) attributes(o *listing) (attrs []string) {
	if l.folder.ID == "" {
		if attrs = append(attrs, `\NonExistent`); !l.folder.Subscribed {
			attrs = append(attrs, `\Noselect`)
		}
	}
	if l.children {
		attrs = append(attrs, `\HasChildren`)
	} else {
		attrs = append(attrs, `\HasNoChildren`)
	}
	if l.folder.Subscribed && (o.tell || o.subscribed) {
		attrs = append(attrs, `\Subscribed`)
	}
	if l.folder.Use != "" {
		attrs = append(attrs, `\`+l.folder.Use)
	}
	return attrs
}
