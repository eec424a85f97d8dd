// A service that serves callers with an access token of Ratchet, verified with the JWK set. Copy all but the routes.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// ---- Settings ----------------------------------------------------------------------------------------------------------

// setting returns a setting; an empty one counts as unset. Nothing that decides whom to trust has a default.
func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	if fallback == "" {
		log.Fatalf("%s is not set", name)
	}
	return fallback
}

func number(name, fallback string, least, most uint64) uint64 {
	value, err := strconv.ParseUint(setting(name, fallback), 10, 64)
	if err != nil || value < least || value > most {
		log.Fatalf("%s must be a whole number from %d to %d", name, least, most)
	}
	return value
}

func seconds(name, fallback string) time.Duration {
	return time.Duration(number(name, fallback, 1, 86400)) * time.Second
}

// ---- Keys --------------------------------------------------------------------------------------------------------------

// key is a public key and the one algorithm it is used with.
type key struct {
	algorithm string
	public    any
}

// keys are fetched when they are first needed, when they are old, and when a token names an unknown one.
type keys struct {
	url              string
	maxAge, cooldown time.Duration

	fetching sync.Mutex // held during an attempt
	tried    time.Time

	mutex   sync.RWMutex // of what follows
	byID    map[string]key
	fetched time.Time
}

var (
	errUnavailable = errors.New("the keys can't be fetched")
	errUnknownKey  = errors.New("the key is unknown")
)

func (k *keys) find(id string) (key, error) {
	// A token of a known key takes no lock of a fetch, so that a forged `kid` can't make it wait for one.
	if found, ok := k.known(id); ok {
		return found, nil
	}
	k.fetching.Lock()
	defer k.fetching.Unlock()
	wait := time.Second // after keys could not be fetched
	if k.isFresh() {
		wait = k.cooldown
	}
	if _, ok := k.known(id); !ok && time.Since(k.tried) >= wait {
		err := k.fetch()
		k.tried = time.Now()
		if err != nil {
			return key{}, errUnavailable
		}
	}
	found, ok := k.known(id)
	switch {
	case ok:
		return found, nil
	case k.isFresh():
		return key{}, errUnknownKey
	default:
		return key{}, errUnavailable
	}
}

func (k *keys) known(id string) (key, bool) {
	k.mutex.RLock()
	defer k.mutex.RUnlock()
	found, ok := k.byID[id]
	return found, ok && time.Since(k.fetched) < k.maxAge
}

func (k *keys) isFresh() bool {
	k.mutex.RLock()
	defer k.mutex.RUnlock()
	return time.Since(k.fetched) < k.maxAge
}

func (k *keys) fetch() error {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(k.url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	var set struct{ Keys []jwk }
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		return err
	}
	byID := map[string]key{}
	for _, each := range set.Keys {
		if public := each.public(); public != nil && each.Kid != "" {
			byID[each.Kid] = key{each.Alg, public}
		}
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	k.byID, k.fetched = byID, time.Now()
	return nil
}

type jwk struct{ Kid, Kty, Alg, Crv, X, Y, N, E string }

// public returns the key in the form of crypto, or nil if it is of another algorithm or no key at all.
func (j jwk) public() any {
	integer := func(text string) *big.Int { return new(big.Int).SetBytes(decode(text)) }
	switch {
	case j.Alg == "ES256" && j.Crv == "P-256":
		x, y := integer(j.X), integer(j.Y)
		if elliptic.P256().IsOnCurve(x, y) {
			return &ecdsa.PublicKey{Curve: elliptic.P256(), X: x, Y: y}
		}
	case j.Alg == "EdDSA" && j.Crv == "Ed25519":
		if x := decode(j.X); len(x) == ed25519.PublicKeySize {
			return ed25519.PublicKey(x)
		}
	case j.Alg == "RS256" && j.Kty == "RSA":
		if n, e := integer(j.N), integer(j.E); n.BitLen() >= 2048 && e.IsInt64() && e.Int64() >= 65537 && e.Int64() < 1<<31 {
			return &rsa.PublicKey{N: n, E: int(e.Int64())}
		}
	}
	return nil
}

func decode(text string) []byte {
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return decoded
}

// ---- Tokens ------------------------------------------------------------------------------------------------------------

// caller is what a good token says.
type caller struct {
	user, session string
	roles         []string
	// A claim of your own, which `ratchet user set-claims` sets: say what its absence means.
	plan string
}

type verifier struct {
	keys             *keys
	issuer, audience string
}

var errExpired = errors.New("the token has expired")

// The library verifies the signature alone: it would take a list of audiences, and looks at `exp` before them.
var parser = jwt.NewParser(jwt.WithValidMethods([]string{"ES256", "EdDSA", "RS256"}), jwt.WithoutClaimsValidation())

// verify returns what a good token says. `kid` names the key, and the key names the algorithm; there is no leeway.
func (v *verifier) verify(token string) (caller, error) {
	header, err := members(token, 0)
	if err != nil {
		return caller{}, err
	}
	if _, ok := header["crit"]; ok {
		return caller{}, errors.New("a header field is critical")
	}
	var typ, kid, alg string
	if err := read(header, map[string]any{"typ": &typ, "kid": &kid, "alg": &alg}); err != nil {
		return caller{}, err
	}
	if typ = strings.ToLower(typ); typ != "at+jwt" && typ != "application/at+jwt" {
		return caller{}, errors.New("the typ is wrong")
	}
	key, err := v.keys.find(kid)
	if err != nil {
		return caller{}, err
	}
	if key.algorithm != alg {
		return caller{}, errors.New("the algorithm is not that of the key")
	}
	if _, err := parser.Parse(token, func(*jwt.Token) (any, error) { return key.public, nil }); err != nil {
		return caller{}, errors.New("the signature is wrong")
	}
	return v.claims(token)
}

// claims reads the claims of a token whose signature is good. `exp` comes last: "expired" always means "genuine but expired".
func (v *verifier) claims(token string) (caller, error) {
	all, err := members(token, 1)
	if err != nil {
		return caller{}, err
	}
	var iss, aud string
	var exp, nbf int64
	found := caller{plan: "free"}
	required := map[string]any{"iss": &iss, "aud": &aud, "sub": &found.user, "sid": &found.session, "exp": &exp}
	if err := read(all, required); err != nil {
		return caller{}, err
	}
	optional := map[string]any{"nbf": &nbf, "roles": &found.roles, "plan": &found.plan} // a user without roles has no such claim
	for name := range optional {
		if _, ok := all[name]; !ok {
			delete(optional, name)
		}
	}
	if err := read(all, optional); err != nil {
		return caller{}, err
	}
	now := time.Now().Unix()
	switch {
	case iss != v.issuer:
		return caller{}, errors.New("the iss is wrong")
	case aud != v.audience:
		return caller{}, errors.New("the aud is wrong")
	case found.user == "" || found.session == "":
		return caller{}, errors.New("the user or the session is empty")
	case now < nbf:
		return caller{}, errors.New("the token is not good yet")
	case now >= exp:
		return caller{}, errExpired
	}
	return found, nil
}

// members returns the members of a part of a token. Go would read bytes that are not UTF-8 as other ones.
func members(token string, part int) (map[string]json.RawMessage, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("the token has not three parts")
	}
	var all map[string]json.RawMessage
	text := decode(parts[part])
	if !utf8.Valid(text) || json.Unmarshal(text, &all) != nil || all == nil {
		return nil, errors.New("the token is malformed")
	}
	return all, nil
}

// read reads members, all of which must be there, by their exact names, and of their types.
func read(all map[string]json.RawMessage, into map[string]any) error {
	for name, target := range into {
		raw := all[name]
		if len(raw) == 0 || bytes.Equal(raw, []byte("null")) || json.Unmarshal(raw, target) != nil {
			return fmt.Errorf("the member %s is missing or malformed", name)
		}
	}
	return nil
}

// ---- Middleware --------------------------------------------------------------------------------------------------------

// handler serves a caller.
type handler func(http.ResponseWriter, *http.Request, caller)

var bearer = regexp.MustCompile(`(?i)^bearer +(\S+)$`)

// requireToken hands the caller on, or answers 401 (RFC 6750 section 3).
func (v *verifier) requireToken(next handler) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		authorization := request.Header.Values("Authorization")
		if len(authorization) == 0 {
			unauthorized(response, errors.New("the Authorization header is missing"), "is missing")
			return
		}
		match := bearer.FindStringSubmatch(authorization[0])
		if len(authorization) > 1 || match == nil {
			unauthorized(response, errors.New("there is not one bearer token"), "is not valid")
			return
		}
		found, err := v.verify(match[1])
		switch {
		case errors.Is(err, errUnavailable):
			response.Header().Set("Retry-After", "1")
			refuse(response, err, http.StatusServiceUnavailable, "temporarily_unavailable", "Try again.")
		case errors.Is(err, errExpired):
			unauthorized(response, err, "has expired")
		case err != nil:
			unauthorized(response, err, "is not valid")
		default:
			next(response, request, found)
		}
	}
}

// requireRole answers 403 to a caller without the role.
func requireRole(role string, next handler) handler {
	return func(response http.ResponseWriter, request *http.Request, caller caller) {
		for _, each := range caller.roles {
			if each == role {
				next(response, request, caller)
				return
			}
		}
		err := fmt.Errorf("the user %s lacks the role %s", caller.user, role)
		challenge(response, "insufficient_scope", "The user lacks a role that this needs.")
		refuse(response, err, http.StatusForbidden, "insufficient_scope", "The user lacks a role that this needs.")
	}
}

func unauthorized(response http.ResponseWriter, reason error, what string) {
	description := fmt.Sprintf("The access token %s.", what)
	if what == "is missing" {
		response.Header().Set("WWW-Authenticate", "Bearer")
	} else {
		challenge(response, "invalid_token", description)
	}
	response.Header().Set("Is-Token-Expired", strconv.FormatBool(errors.Is(reason, errExpired)))
	refuse(response, reason, http.StatusUnauthorized, "invalid_token", description)
}

func challenge(response http.ResponseWriter, code, description string) {
	response.Header().Set("WWW-Authenticate", fmt.Sprintf("Bearer error=%q, error_description=%q", code, description))
}

// refuse logs why, which the client does not learn, and answers. A reason never has the token in it.
func refuse(response http.ResponseWriter, reason error, status int, code, description string) {
	log.Printf("Refused: %s", reason)
	answer(response, status, map[string]any{"error": code, "error_description": description})
}

func answer(response http.ResponseWriter, status int, body map[string]any) {
	response.Header().Set("Content-Type", "application/json")
	response.Header().Set("Cache-Control", "no-store")
	response.WriteHeader(status)
	_ = json.NewEncoder(response).Encode(body)
}

// ---- Routes ------------------------------------------------------------------------------------------------------------

func hello(response http.ResponseWriter, _ *http.Request, caller caller) {
	roles := append([]string{}, caller.roles...)
	answer(response, http.StatusOK, map[string]any{"user": caller.user, "session": caller.session, "roles": roles})
}

func reports(response http.ResponseWriter, _ *http.Request, caller caller) {
	answer(response, http.StatusOK, map[string]any{"reader": caller.user})
}

func plan(response http.ResponseWriter, _ *http.Request, caller caller) {
	answer(response, http.StatusOK, map[string]any{"plan": caller.plan})
}

func main() {
	jwksURL := setting("JWKS_URL", "")
	parsed, err := url.Parse(jwksURL)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "https" && parsed.Scheme != "http") {
		log.Fatal("JWKS_URL must be a URL of the scheme https or http")
	}
	verifier := &verifier{
		keys: &keys{
			url:      jwksURL,
			maxAge:   seconds("JWKS_MAX_AGE_SECONDS", "300"),
			cooldown: seconds("JWKS_COOLDOWN_SECONDS", "30"),
		},
		issuer:   setting("ISSUER", ""),
		audience: setting("AUDIENCE", ""),
	}
	http.HandleFunc("/hello", verifier.requireToken(hello))
	http.HandleFunc("/reports", verifier.requireToken(requireRole("editor", reports)))
	http.HandleFunc("/plan", verifier.requireToken(plan))
	port := number("PORT", "8080", 0, 65535)
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s/hello\n", listener.Addr())
	log.Fatal(http.Serve(listener, nil))
}
