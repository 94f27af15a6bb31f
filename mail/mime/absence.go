package mime

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// autoSubject is how the subjects of answering machines and bounces begin, for those that say so nowhere else. What a
// person writes about such a mail begins with "Re:".
var autoSubject = regexp.MustCompile(`^auto\s*:|^[\[(*\s]*(?:` + phrases(answers) + `)(?:$|[^\pL\pN])|^[\[(*\s]*(?:` +
	phrases(absences) +
	`)(?:$|\s*[^\pL\pN\s]|\s+(?:\pN|re\b|until|till|from|since|bis|vom|ab|du|jusqu|dal|fino|hasta|desde|del|ate|pana|de la|din|do|od|t/m|tot|до|с|по)(?:$|[^\pL]))`)

// phrases is an expression for the lines of a list, without accents.
func phrases(list string) string {
	var all []string
	for _, line := range strings.Split(fold(list), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, strings.ReplaceAll(regexp.QuoteMeta(line), " ", `[\s-]+`))
		}
	}
	return strings.Join(all, "|")
}

// answers are said by machines only, whatever follows.
const answers = `
automatic reply
automatic response
automated reply
automated response
auto reply
autoreply
auto response
autoresponse
auto responder
out of office autoreply
out of office auto reply
out of office reply
out of office response
out of office message
out of office notification
autoresponder
automatische antwort
automatische antwoord
automatisch antwoord
automatische rückantwort
automatische abwesenheitsnotiz
abwesenheitsnotiz
abwesenheitsnachricht
abwesenheitsassistent
abwesenheitsagent
abwesenheitsmeldung
abwesenheitsmitteilung
abwesenheitsbenachrichtigung
abwesenheitsantwort
autom. antwort
auto antwort
automatisierte antwort
automatisch generierte antwort
automatische nachricht
automatische e-mail
réponse automatique
réponse automatisée
message automatique
avis d'absence
réponse d'absence
message d'absence
notification d'absence
respuesta automática
mensaje automático
resposta automática
risposta automatica
messaggio automatico
risponditore automatico
răspuns automat
răspuns automatic
mesaj automat
mesaj de absență
mesaj de absenţă
notificare automată
automatikus válasz
automatiskt svar
automatisk svar
automatisk svarmelding
autosvar
frånvaromeddelande
automaattinen vastaus
poissaoloilmoitus
automaatvastus
automātiska atbilde
automatinis atsakymas
automatická odpověď
automatická odpoveď
odpowiedź automatyczna
automatyczna odpowiedź
autoodpowiedź
samodejni odgovor
automatski odgovor
аутоматски одговор
автоматический ответ
автоматический отклик
автоматическое сообщение
автоматическое уведомление
авто ответ
автоответ
автоответчик
автоматична відповідь
автовідповідь
автоматичен отговор
аўтаматычны адказ
αυτόματη απάντηση
otomatik yanıt
otomatik cevap
afwezigheidsbericht
afwezigheidsassistent
balasan otomatis
trả lời tự động
รายการตอบกลับอัตโนมัติ
ตอบกลับอัตโนมัติ
自动回复
自動回覆
自動回复
自動応答
自動返信
자동 회신
자동 응답
자동회신
자동응답
رد تلقائي
الرد التلقائي
תשובה אוטומטית
מענה אוטומטי
undelivered mail returned to sender
delivery status notification
mail delivery failed
mail delivery failure
mail delivery system
mail system error
undelivered mail
delivery failure notification
delivery status
message delivery failure
échec de la remise
échec de remise
avis de non-remise
mesaj nelivrat
не удалось доставить
недоставленное сообщение
сообщение не доставлено
`

// absences may begin a person's subject as well: only an end, a sign, a date or one of a few words may follow.
const absences = `
out of office
out of the office
ooo
away from the office
away from office
vacation reply
vacation response
on vacation
on holiday
on leave
annual leave
maternity leave
abwesend
abwesenheit
ich bin abwesend
ich bin nicht im büro
ich bin im urlaub
außerhalb des büros
nicht im büro
außer haus
im urlaub
absence du bureau
absent du bureau
absent
absente
absence
je suis absent
je suis absente
en vacances
je suis en congé
hors du bureau
en congé
fuera de la oficina
fuera de oficina
ausente de la oficina
ausente
de vacaciones
fuori ufficio
fuori sede
assente dall'ufficio
assente
in ferie
fora do escritório
ausência temporária
ausente do escritório
absent de la birou
absență
absentă
absenţă
lipsesc din birou
plecat din birou
plecată din birou
plecat în concediu
plecată în concediu
în concediu de odihnă
în afara biroului
nu sunt la birou
sunt în concediu
în concediu
poza biurem
nieobecność
nieobecny
nepřítomnost
mimo kancelář
mimo kanceláre
neprítomnosť
házon kívül
irodán kívül
szabadságon
afwezig
niet op kantoor
buiten kantoor
inte på kontoret
frånvarande
frånvaro
ikke til stede
ikke på kontoret
fraværende
fravær
poissa
ei paikalla
kontorist väljas
нет на работе
вне офиса
нет в офисе
не в офисе
отсутствую
отсутствие
отсутствие в офисе
буду отсутствовать
меня нет в офисе
меня нет на месте
нахожусь в отпуске
нет на месте
нет на рабочем месте
отсутствие на работе
в отпуске
я в отпуске
поза офісом
відсутній
у відпустці
извън офиса
odsotnost
odsoten
izvan ureda
εκτός γραφείου
ofis dışında
ofis dışındayım
不在办公室
外出
不在
休暇中
부재중
undeliverable
undelivered
nelivrat
не доставлено
недоставлено
returned mail
failure notice
delivery failure
unzustellbar
nicht zustellbar
non remis
no se puede entregar
non recapitabile
nedostavitelné
`

// fold is text in lower case without accents.
func fold(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s)))
}
