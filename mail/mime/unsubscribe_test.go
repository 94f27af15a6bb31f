package mime

import "testing"

func TestLeaveOf(t *testing.T) {
	const click = "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
	for text, want := range map[string]Leave{
		"": {},
		"List-Unsubscribe: <https://x.test/u?i=1>\r\n":                                              {Link: "https://x.test/u?i=1"},
		"List-Unsubscribe: <https://x.test/u>\r\n" + click:                                          {Post: "https://x.test/u", Link: "https://x.test/u"},
		"List-Unsubscribe: <http://x.test/u>\r\n" + click:                                           {Link: "http://x.test/u"},
		"List-Unsubscribe: <mailto:off@x.test?subject=go%20away>, <https://x.test/u>\r\n":           {Mail: "off@x.test", Subject: "go away", Link: "https://x.test/u"},
		"List-Unsubscribe: <mailto:a@b@c>, <javascript:alert(1)>, <https:///u>, https://x.test\r\n": {},
		"List-Unsubscribe: (see) <mailto:Off%2Bme@x.test>\r\n":                                      {Mail: "off+me@x.test"},
	} {
		if got := LeaveOf(ParseHeader([]byte(text + "\r\n"))); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}
