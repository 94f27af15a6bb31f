package blob

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// S3Config says where an S3 store is.
type S3Config struct {
	Endpoints      []string // host or host:port, all of one store; the preferred first
	TLS            bool
	Region         string
	Bucket         string
	Prefix         string // of every key: "" or ends in "/"
	Access, Secret string
}

const s3Form = "s3://ACCESS:SECRET@host:port/bucket"

// ParseS3 reads s3://ACCESS:SECRET@host:port[,host:port…]/bucket?region=…&prefix=…&tls=off with ACCESS and SECRET
// percent-encoded. A URL without them takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment. An error
// never shows them: it doesn't even quote the URL, because a misplaced character makes any part of it the secret.
func ParseS3(rawURL string) (c S3Config, err error) {
	rest, ok := strings.CutPrefix(rawURL, "s3://")
	if !ok {
		return c, errors.New("the URL is not of the form " + s3Form)
	}
	rest, query, _ := strings.Cut(rest, "?")
	// By hand: net/url knows no list of hosts.
	at := strings.LastIndex(rest, "@")
	hosts, bucket, _ := strings.Cut(rest[at+1:], "/")
	c.Endpoints, c.Bucket = strings.Split(hosts, ","), strings.TrimSuffix(bucket, "/")
	if c.Bucket == "" || strings.Contains(c.Bucket, "/") {
		return c, errors.New("one bucket must follow the host, as in " + s3Form + "; a folder in it is ?prefix=…")
	}
	for _, endpoint := range c.Endpoints {
		if endpoint == "" {
			return c, errors.New("a host is missing; the form is " + s3Form)
		}
	}
	if err := c.keys(rest[:max(at, 0)]); err != nil {
		return c, err
	}
	return c, c.options(query)
}

func (c *S3Config) keys(user string) error {
	if user == "" {
		c.Access, c.Secret = os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	} else {
		access, secret, _ := strings.Cut(user, ":")
		var err1, err2 error
		c.Access, err1 = url.PathUnescape(access)
		c.Secret, err2 = url.PathUnescape(secret)
		if err1 != nil || err2 != nil {
			return errors.New("access key or secret is not percent-encoded: write % as %25, / as %2F, @ as %40, " +
				": as %3A")
		}
	}
	if c.Access == "" || c.Secret == "" {
		return errors.New("access key or secret is missing: write them into the URL as " + s3Form +
			", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return nil
}

func (c *S3Config) options(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("what follows the ? is not a list like region=…&prefix=…")
	}
	c.Region, c.TLS = "us-east-1", true
	for name, value := range values {
		last := value[len(value)-1]
		switch {
		case name == "region" && last != "":
			c.Region = last
		case name == "prefix":
			if c.Prefix = strings.Trim(last, "/"); c.Prefix != "" {
				c.Prefix += "/"
			}
		case name == "tls" && (last == "on" || last == "off"):
			c.TLS = last == "on"
		default:
			return fmt.Errorf("%s=%s is not understood: region=…, prefix=… and tls=on or off are", name, last)
		}
	}
	return nil
}
