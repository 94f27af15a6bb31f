package smtpd

import (
	"bytes"
	"io"
	"os"
)

// inMemory is how much of an incoming message stays out of the disk.
const inMemory = 256 << 10

// spool holds a message while it is received and judged: small ones in memory, large ones in a file that has no name.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	size   int64
}

func (s *spool) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if s.file == nil && s.size <= inMemory {
		return s.memory.Write(p)
	}
	if s.file == nil {
		if err := s.overflow(); err != nil {
			return 0, err
		}
	}
	return s.file.Write(p)
}

// overflow moves what is in memory to a file.
func (s *spool) overflow() (err error) {
	if s.file, err = os.CreateTemp("", "frontdesk-mail-*"); err != nil {
		return err
	}
	if err := os.Remove(s.file.Name()); err != nil {
		return err
	}
	_, err = s.file.Write(s.memory.Bytes())
	s.memory = bytes.Buffer{}
	return err
}

// reader reads the message from its beginning.
func (s *spool) reader() *io.SectionReader {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.size)
	}
	return io.NewSectionReader(bytes.NewReader(s.memory.Bytes()), 0, s.size)
}

func (s *spool) Close() error {
	if s.file != nil {
		return s.file.Close()
	}
	return nil
}
