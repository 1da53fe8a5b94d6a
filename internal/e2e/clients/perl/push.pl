# Pushes what Net::Prometheus renders with HTTP::Tiny: push.pl <operation> <url> <job> [<label> <value>]...
use strict;
use warnings;

use HTTP::Tiny;
use Net::Prometheus;
use URI::Escape qw(uri_escape);

my ($operation, $url, @key) = @ARGV;
unshift @key, 'job';
$url =~ s{//}{//$ENV{PUSH_USERNAME}:$ENV{PUSH_PASSWORD}@} if $ENV{PUSH_USERNAME};

my $prometheus = Net::Prometheus->new(disable_process_collector => 1, disable_perl_collector => 1);
my $files = $prometheus->new_counter(name => 'backup_files_total', help => 'Files that were saved.');
my $size = $prometheus->new_gauge(name => 'backup_size_bytes', help => 'Size of the backup.', labels => ['disk']);
my $duration = $prometheus->new_histogram(name => 'backup_duration_seconds', help => 'Time per file.', buckets => [1, 10]);
$files->inc(3);
$size->set({ disk => 'sda' }, 4096);
$duration->observe(0.5);
$duration->observe(20);

my %method = (push => 'PUT', add => 'POST', delete => 'DELETE');
my $http = HTTP::Tiny->new(verify_SSL => 1, SSL_options => { SSL_ca_file => $ENV{PUSH_CA_FILE} });
my $response = $http->request($method{$operation}, join('/', $url, 'metrics', map { uri_escape($_) } @key), {
	headers => { 'Content-Type' => 'text/plain; version=0.0.4' },
	content => $operation eq 'delete' ? '' : $prometheus->render,
});
print $response->{success} ? "ok\n" : "error: $response->{status} $response->{content}\n";
