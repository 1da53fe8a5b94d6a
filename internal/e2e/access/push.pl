# Pushes with HTTP::Tiny: push.pl <url> <job>. Prints the status, or "refused" if there is no answer.
use strict;
use warnings;

use HTTP::Tiny;

my ($url, $job) = @ARGV;
$url =~ s{//}{//$ENV{PUSH_USERNAME}:$ENV{PUSH_PASSWORD}@} if $ENV{PUSH_USERNAME};

my %options = (SSL_ca_file => $ENV{SSL_CERT_FILE}, SSL_cert_file => $ENV{PUSH_CERT_FILE}, SSL_key_file => $ENV{PUSH_KEY_FILE});
delete @options{grep { !$options{$_} } keys %options};
my %headers = ('Content-Type' => 'text/plain; version=0.0.4');
$headers{Authorization} = $ENV{PUSH_AUTHORIZATION} if $ENV{PUSH_AUTHORIZATION};

my $response = HTTP::Tiny->new(verify_SSL => 1, SSL_options => \%options)
	->request('PUT', "$url/metrics/job/$job", { headers => \%headers, content => "m 1\n" });
# 599 is HTTP::Tiny's own, for what is no answer.
print $response->{status} == 599 ? 'refused' : $response->{status}, "\n";
