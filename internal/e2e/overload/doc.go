// Package overload brings the built collector to each of its limits: more pushes than it has memory for, a backend that is slow
// or dead, a queue that is full, and a SIGTERM in the middle of it. It answers in time, and recovers when that is over.
package overload
