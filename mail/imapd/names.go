package imapd

import (
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"frontdesk/mail"
)

const (
	delimiter = '/'
	shared    = "Shared"
)

// root is the mailbox whose folders are the user's top level: the one logged in to by its address, else the first the
// user owns, else the first.
func root(list []mail.Mailbox, user, login string) (mail.Mailbox, bool) {
	for _, fits := range []func(mail.Mailbox) bool{
		func(m mail.Mailbox) bool { return strings.EqualFold(m.Address, login) },
		func(m mail.Mailbox) bool { return m.Users[0] == user },
		func(mail.Mailbox) bool { return true },
	} {
		for _, m := range list {
			if fits(m) {
				return m, true
			}
		}
	}
	return mail.Mailbox{}, false
}

// sharedMailboxes are the others of the user, by their name below "Shared/": what is before the "@", or the whole
// address where two have that in common.
func (s *session) sharedMailboxes() (map[string]mail.Mailbox, error) {
	list, err := s.core.box.MailboxesOf(s.ctx, s.user)
	if err != nil {
		return nil, s.fault("list mailboxes", err)
	}
	times := map[string]int{}
	for _, m := range list {
		times[localPart(m)]++
	}
	byName := map[string]mail.Mailbox{}
	for _, m := range list {
		name := localPart(m)
		if times[name] > 1 {
			name = m.Address
		}
		if m.ID != s.own.ID {
			byName[strings.ReplaceAll(name, "/", "_")] = m
		}
	}
	return byName, nil
}

func localPart(m mail.Mailbox) string {
	return m.Address[:strings.LastIndexByte(m.Address, '@')]
}

// locate finds the mailbox and the folder's name in it that an IMAP name means. The folder need not exist.
func (s *session) locate(name string) (mail.Mailbox, string, error) {
	head, rest, _ := strings.Cut(name, "/")
	if head != shared {
		return s.own, name, nil
	}
	byName, err := s.sharedMailboxes()
	if err != nil {
		return mail.Mailbox{}, "", err
	}
	head, rest, _ = strings.Cut(rest, "/")
	m, ok := byName[head]
	if !ok || rest == "" {
		return mail.Mailbox{}, "", no(imap.ResponseCodeNonExistent, "No such mailbox")
	}
	return m, rest, nil
}

// folder finds the folder an IMAP name means.
func (s *session) folder(name string) (mail.Folder, error) {
	m, folder, err := s.locate(name)
	if err != nil {
		return mail.Folder{}, err
	}
	f, err := s.core.box.Folder(s.ctx, m.ID, folder)
	if errors.Is(err, mail.ErrInvalid) {
		err = mail.ErrNotFound
	}
	return f, s.fault("find mailbox", err)
}

// target is a folder that something is stored in: when it is missing, the client may create it.
func (s *session) target(name string) (mail.Folder, error) {
	f, err := s.folder(name)
	var e *imap.Error
	if errors.As(err, &e) && e.Code == imap.ResponseCodeNonExistent {
		return f, no(imap.ResponseCodeTryCreate, "No such mailbox")
	}
	return f, err
}

// parents of "a/b/c" are "a" and "a/b".
func parents(name string) (list []string) {
	for i, r := range strings.TrimSuffix(name, "/") {
		if r == delimiter && i > 0 {
			list = append(list, name[:i])
		}
	}
	return list
}

// Namespace tells where the own and the shared mailboxes are (RFC 2342).
func (s *session) Namespace() (*imap.NamespaceData, error) {
	return &imap.NamespaceData{
		Personal: []imap.NamespaceDescriptor{{Prefix: "", Delim: delimiter}},
		Shared:   []imap.NamespaceDescriptor{{Prefix: shared + "/", Delim: delimiter}},
	}, nil
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

// List answers LIST and LSUB with the extensions of RFC 5258, 5819 and 6154.
func (s *session) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) (err error) {
	defer s.rescue("list", &err)
	if len(patterns) == 0 { // asks for the delimiter
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: delimiter})
	}
	all, err := s.all()
	if err != nil {
		return err
	}
	lsub := s.wire().command.verb == "LSUB"
	for i := range all {
		all[i].fits = all[i].matches(ref, patterns)
	}
	for _, l := range all {
		below := l.fits && options.SelectSubscribed && !lsub && options.SelectRecursiveMatch && l.hidesSubscribed(all)
		implied := lsub && l.fits && !l.folder.Subscribed && l.impliedBy(all, patterns)
		gone := l.folder.ID == "" && l.folder.Subscribed && !options.SelectSubscribed
		if !l.fits || gone && !l.children || !below && !implied && !l.selected(options) {
			continue
		}
		data := l.data(options)
		if below {
			data.ChildInfo = &imap.ListDataChildInfo{Subscribed: true}
		}
		if lsub {
			data.Attrs = nil
		}
		if implied {
			data.Attrs = []imap.MailboxAttr{imap.MailboxAttrNoSelect}
		}
		if options.ReturnStatus != nil && l.folder.ID != "" {
			if data.Status, err = s.status(l.name, l.folder, options.ReturnStatus); err != nil {
				return err
			}
		}
		if err := w.WriteList(data); err != nil {
			return err
		}
	}
	return nil
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
// product of both lengths whatever the pattern: go-imap's own grows exponentially.
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

func (l listed) selected(o *imap.ListOptions) bool {
	if o.SelectSubscribed && !l.folder.Subscribed {
		return false
	}
	return !o.SelectSpecialUse || l.folder.Use != ""
}

func (l listed) data(o *imap.ListOptions) *imap.ListData {
	attrs := []imap.MailboxAttr{}
	if l.folder.ID == "" {
		if attrs = append(attrs, imap.MailboxAttrNonExistent); !l.folder.Subscribed {
			attrs = append(attrs, imap.MailboxAttrNoSelect)
		}
	}
	if l.children {
		attrs = append(attrs, imap.MailboxAttrHasChildren)
	} else {
		attrs = append(attrs, imap.MailboxAttrHasNoChildren)
	}
	if l.folder.Subscribed && (o.ReturnSubscribed || o.SelectSubscribed) {
		attrs = append(attrs, imap.MailboxAttrSubscribed)
	}
	if l.folder.Use != "" {
		attrs = append(attrs, imap.MailboxAttr(`\`+l.folder.Use))
	}
	return &imap.ListData{Attrs: attrs, Delim: delimiter, Mailbox: l.name}
}

// Status answers STATUS.
func (s *session) Status(name string, options *imap.StatusOptions) (_ *imap.StatusData, err error) {
	defer s.rescue("status", &err)
	f, err := s.folder(name)
	if err != nil {
		return nil, err
	}
	return s.status(name, f, options)
}

func (s *session) status(name string, f mail.Folder, o *imap.StatusOptions) (*imap.StatusData, error) {
	total, unseen, recent, limit := uint32(f.Total), uint32(f.Unseen), uint32(0), s.AppendLimit()
	data := &imap.StatusData{
		Mailbox: name, NumMessages: &total, NumUnseen: &unseen, NumRecent: &recent, AppendLimit: &limit,
		UIDNext: imap.UID(f.Next), UIDValidity: f.Validity,
	}
	if o.NumRecent {
		n, err := s.core.box.CountRecent(s.ctx, f)
		if err != nil {
			return nil, s.fault("status", err)
		}
		recent = uint32(n)
	}
	if o.Size || o.NumDeleted || o.DeletedStorage {
		usage, err := s.core.box.Usage(s.ctx, f.ID)
		if err != nil {
			return nil, s.fault("status", err)
		}
		deleted := uint32(usage.Deleted)
		data.Size, data.NumDeleted, data.DeletedStorage = &usage.Bytes, &deleted, &usage.DeletedBytes
	}
	return data, nil
}
