package mime

import (
	"regexp"
	"slices"
	"strings"

	"frontdesk/mail/mime/coding"
)

// maxFormLines of a text are looked at for the fields of a form.
const maxFormLines = 200

// mayBeForm tells the authors that forms of web sites send as: addresses for such, and the mailbox itself that the
// message is for.
func (m *Message) mayBeForm() bool {
	if len(m.From) != 1 {
		return false
	}
	author := m.From[0]
	own := len(m.To) > 0 &&
		!slices.ContainsFunc(m.To, func(p Person) bool { return !strings.EqualFold(p.Address, author.Address) })
	return own || author.Form()
}

// formAuthor is who filled in the form of a web site, as its mail has it: lines of a label and what was written
// there, the mail address and another thing at least. What leaves a doubt about who it is, is no form.
func formAuthor(text string) Person {
	lines := strings.Split(coding.Clip(text, 64<<10), "\n")
	for _, field := range []*regexp.Regexp{formField, cellField} {
		f := &formReader{field: field}
		for i, line := range lines[:min(len(lines), maxFormLines)] {
			f.line(line, lines[i+1:])
		}
		if f.address != "" && f.others && !f.doubt {
			return Person{Name: f.name, Address: f.address}
		}
	}
	return Person{}
}

// formReader collects what the fields of a form say.
type formReader struct {
	field         *regexp.Regexp
	name, address string
	others        bool // a field that isn't the mail address
	doubt         bool // several addresses
}

func (f *formReader) line(line string, next []string) {
	line = strings.TrimRight(strings.TrimLeft(line, "*_>|•·- \t"), "*_ \t\r")
	if found := fromField.FindStringSubmatch(line); found != nil {
		f.mailbox(found[2])
		f.name = strings.Trim(found[1], `"' `)
		return
	}
	found := f.field.FindStringSubmatch(line)
	if found == nil {
		return
	}
	value := strings.Trim(found[4], "*_ \t\"")
	if value == "" {
		value = firstWords(next)
	}
	switch {
	case found[1] != "":
		f.mailbox(value)
	case found[2] != "" && f.name == "":
		f.name, f.others = value, true
	default:
		f.others = true
	}
}

func (f *formReader) mailbox(value string) {
	found := bareAddress.FindAllString(value, 2)
	if len(found) == 0 || !isAddress(found[0]) {
		return
	}
	f.doubt = f.doubt || len(found) > 1 && found[0] != found[1] ||
		f.address != "" && !strings.EqualFold(f.address, found[0])
	f.address = found[0]
}

// firstWords is the first line with anything on it, where a value stands below its label.
func firstWords(lines []string) string {
	for _, line := range lines[:min(len(lines), 2)] {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// A field of a form: mail address, name or another, and its value. formField has it behind a colon or on the next
// line, cellField behind white space, as the text of a table has.
var (
	formField = regexp.MustCompile(`(?i)^` + formLabel + `\s*\*?\s*(?:\([^()]*\)\s*)?(?:$|[:：=]\s*(.*))$`)
	cellField = regexp.MustCompile(`(?i)^` + formLabel + `\s+(.{1,100})$`)
)

const formLabel = `(?:` + polite + `(?:(` + mailLabels + `)|(` + nameLabels + `)|(` + otherLabels + `)))`

// polite words may lead a label.
const polite = `(?:(?:your|client|customer|sender|contact|ваш[ае]?|votre|ihre?|deine?|su|tu|twój)[\s'’-]*s?\s+)?`

// fromField is how WordPress has it.
var fromField = regexp.MustCompile(`(?i)^(?:from|de la|от|von|de|od|da)\s*[:：]\s*([^<>@]*?)\s*[<(\[](?:mailto:)?([^<>()\[\]\s]+@[^<>()\[\]\s]+)[>)\]]$`)

// The words of labels.
const (
	mailLabels = `e-?\s?mail(?:[\s-]?(?:address|adresse|adresa|адрес|id))?|mail|adres[aă]\s+(?:de\s+)?e-?mail|adresse\s+(?:e-?mail|mail|électronique|de\s+messagerie)|courriel` +
		`|correo(?:\s+electr[oó]nico)?|indirizzo\s+e-?mail|adres\s+e-?mail|e-?posta|эл(?:ектронн[ао][яй]|\.)?\s*почта|электронный\s+адрес|адрес\s+(?:эл(?:ектронной|\.)?\s*)?почты|почта|имейл|емейл|e-?мейл|мейл|електронна\s+(?:пошта|поща)`
	nameLabels = `(?:full\s+|first\s+)?name|nume(?:le)?(?:\s+(?:(?:și|si|şi)\s+prenume(?:le)?|complet|dvs\.?|dumneavoastră|tău))?|prenume\s+nume|имя(?:\s+(?:и\s+фамилия|клиента|отправителя))?|ф\.?\s?и\.?\s?о\.?|(?:vor-?\s*und\s+nach|vollständiger\s+)?name` +
		`|nom(?:\s+(?:et\s+prénom|complet))?|nombre(?:\s+(?:completo|y\s+apellidos?))?|nome(?:\s+e\s+cognome)?|imi[eę](?:\s+i\s+nazwisko)?|ім['’]?я`
	otherLabels = `(?:tele)?phone(?:\s+(?:number|no\.?))?|mobile|tel(?:efon(?:ul)?|efonnummer|éfono|\.)?|nr\.?\s*(?:de\s+)?tel(?:efon|\.)?|num[aă]r(?:ul)?\s+(?:de\s+)?telefon|телефон|номер\s+телефона|тел\.?|téléphone|message(?:\s+body)?|mesaj(?:ul)?|nachricht` +
		`|сообщение|текст(?:\s+сообщения)?|вопрос|mensaje|messaggio|wiadomość|comments?|comentari[iu]?|комментарий|subject|subiect(?:ul)?|тема|betreff|sujet|asunto|oggetto|company|compani[ae]|firm[aă]|firma|компания|организация|last\s+name|surname|prenume|фамилия|nachname|vorname|prénom|question|întrebare|anfrage|city|oraș(?:ul)?|город`
)
